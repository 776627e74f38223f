import type { Context, Hono } from "hono";
import { bearerKey } from "../core/api-key.ts";
import { AppError } from "../core/errors.ts";
import { createKeyUse, type TouchKeys } from "../core/key-use.ts";
import { createObservedApp, type DoorEnvironment, type DoorTools, refuseOtherMethods } from "../log/observe.ts";
import type { Answer, ApiReader } from "./reader.ts";

export type ApiOptions = DoorTools & {
  reader: ApiReader;
  touchKeys?: TouchKeys;
};

/** A request id as the ingest door takes them: anything else cannot exist, so it is simply not found. */
const possibleRequestId = /^[^\0\p{Surrogate}]{1,200}$/u;

/**
 * The read API: `GET /api/v1/overview` and `GET /api/v1/requests/{request_id}`, with a key of scope `read`.
 * What belongs to another organization and what does not exist get the same 404.
 */
export function createApiApp(options: ApiOptions): Hono<DoorEnvironment> {
  const { reader, now, touchKeys = async () => {} } = options;
  const noteUse = createKeyUse(touchKeys, now);
  const app = createObservedApp(options);

  async function answer(c: Context<DoorEnvironment>, ask: (keyHash: Uint8Array) => Promise<Answer>): Promise<Response> {
    const { holder, answer: document } = await ask(await options.sha256(bearerKey(c.req.header("authorization"))));
    c.get("facts").organization_id = holder.organizationId;
    noteUse(holder.apiKeyId);
    if (document === null) throw new AppError("not_found");
    return c.body(document, 200, { "content-type": "application/json; charset=utf-8" });
  }

  app.get("/api/v1/overview", (c) => answer(c, (keyHash) => reader.overview(keyHash)));
  app.get("/api/v1/requests/:requestId", (c) =>
    answer(c, (keyHash) => {
      const requestId = c.req.param("requestId");
      return reader.usageRequest(keyHash, possibleRequestId.test(requestId) ? requestId : "");
    }),
  );
  for (const path of ["/api/v1/overview", "/api/v1/requests/:requestId"]) refuseOtherMethods(app, path, "GET, HEAD");
  return app;
}
