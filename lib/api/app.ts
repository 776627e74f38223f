import type { Context, Hono } from "hono";
import type { z } from "zod";
import { bearerKey } from "../core/api-key.ts";
import { AppError } from "../core/errors.ts";
import { createKeyUse, type TouchKeys } from "../core/key-use.ts";
import { ExportQuery } from "../exports/schema.ts";
import { describeError } from "../log/log.ts";
import { createObservedApp, type DoorEnvironment, type DoorTools, refuseOtherMethods } from "../log/observe.ts";
import { openApiDocument } from "./openapi.ts";
import { type Allowance, createRateLimit, type RateLimit, rateLimitHeaders } from "./rate-limit.ts";
import { readQuery } from "./read-query.ts";
import type { Answer, ApiReader } from "./reader.ts";
import { CostsQuery, PricesQuery, RequestsQuery, UsageQuery } from "./schema.ts";
import { createSlots } from "./slots.ts";

export type ApiOptions = DoorTools & {
  reader: ApiReader;
  touchKeys?: TouchKeys;
  /** Default: 600 requests a minute and key, counted in this process. */
  rateLimit?: RateLimit;
};

type Call = Context<DoorEnvironment>;

/** A request id as the ingest door takes them: anything else cannot exist, so it is simply not found. */
const possibleRequestId = /^[^\0\p{Surrogate}]{1,200}$/u;

const json = { "content-type": "application/json; charset=utf-8" };

/**
 * The read API, with a key of scope `read`; `GET /api/v1/openapi.json` describes it and needs none.
 * What belongs to another organization and what does not exist get the same 404.
 */
export function createApiApp(options: ApiOptions): Hono<DoorEnvironment> {
  const { reader, now, touchKeys = async () => {} } = options;
  const { rateLimit = createRateLimit(600, 60, now) } = options;
  const noteUse = createKeyUse(touchKeys, now);
  const app = createObservedApp(options);
  // Each takes a connection of the pool for most of its time; screens and questions need some too.
  const slots = createSlots(3, 2);
  const document = JSON.stringify(openApiDocument());
  const allowances = new WeakMap<Call, Allowance>();
  // On refusals too, which are answers of their own.
  app.use(async (c, next) => {
    await next();
    const allowance = allowances.get(c);
    if (allowance !== undefined) for (const [name, value] of rateLimitHeaders(allowance)) c.res.headers.set(name, value);
  });

  async function admit(c: Call): Promise<Uint8Array> {
    const keyHash = await options.sha256(bearerKey(c.req.header("authorization")));
    const allowance = await rateLimit.take(keyHash.join());
    allowances.set(c, allowance);
    if (!allowance.allowed) throw new AppError("rate_limited", undefined, { retryAfterSeconds: allowance.resetSeconds });
    return keyHash;
  }

  async function answer(c: Call, ask: (keyHash: Uint8Array) => Promise<Answer>): Promise<Response> {
    const { holder, answer: found } = await ask(await admit(c));
    c.get("facts").organization_id = holder.organizationId;
    noteUse(holder.apiKeyId);
    if (found === null) throw new AppError("not_found");
    return c.body(found, 200, json);
  }

  async function exportFile(c: Call): Promise<Response> {
    const keyHash = await admit(c);
    const query = readQuery(ExportQuery, new URL(c.req.url).searchParams);
    const release = slots.take(keyHash.join());
    if (release === null) throw new AppError("rate_limited", "Too many exports run at once. Try again shortly.", { retryAfterSeconds: 10 });
    try {
      const { holder, file } = await reader.export(keyHash, query);
      c.get("facts").organization_id = holder.organizationId;
      noteUse(holder.apiKeyId);
      const startedAt = now();
      const line = { request_id: c.get("requestId"), organization_id: holder.organizationId };
      const body = file.body((error) => {
        release();
        const ms = Math.round(now() - startedAt);
        if (error === undefined) options.log.info({ ...line, ms }, "export sent");
        else options.log.warn({ ...line, ms, error: describeError(error) }, "export ended early");
      });
      for (const [name, value] of Object.entries({
        "content-type": file.mediaType,
        "content-disposition": `attachment; filename="${file.fileName}"`,
        "x-content-type-options": "nosniff",
      })) {
        c.header(name, value);
      }
      if (c.req.method !== "HEAD") return c.body(body);
      await body.cancel();
      return c.body(null);
    } catch (error) {
      release();
      throw error;
    }
  }

  const get = (path: string, handle: (c: Call) => Response | Promise<Response>) => {
    app.get(path, handle);
    refuseOtherMethods(app, path, "GET, HEAD");
  };
  const list = <T extends z.ZodObject>(path: string, schema: T, ask: (keyHash: Uint8Array, query: z.infer<T>) => Promise<Answer>) =>
    get(path, (c) => answer(c, (keyHash) => ask(keyHash, readQuery(schema, new URL(c.req.url).searchParams))));

  get("/api/v1/openapi.json", (c) => c.body(document, 200, json));
  get("/api/v1/overview", (c) => answer(c, (keyHash) => reader.overview(keyHash)));
  list("/api/v1/costs", CostsQuery, reader.costs);
  list("/api/v1/usage", UsageQuery, reader.usage);
  list("/api/v1/requests", RequestsQuery, reader.requests);
  list("/api/v1/prices", PricesQuery, reader.prices);
  get("/api/v1/exports", exportFile);
  get("/api/v1/requests/:requestId", (c) =>
    answer(c, (keyHash) => {
      const requestId = c.req.param("requestId") ?? "";
      return reader.usageRequest(keyHash, possibleRequestId.test(requestId) ? requestId : "");
    }),
  );
  return app;
}
