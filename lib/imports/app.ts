import type { Context, Hono } from "hono";
import type { z } from "zod";
import { bearerKey } from "../core/api-key.ts";
import { AppError } from "../core/errors.ts";
import { readJson } from "../ingest/read-body.ts";
import { createObservedApp, type DoorEnvironment, type DoorTools, refuseOtherMethods } from "../log/observe.ts";
import { readEvent } from "../usage/schema.ts";
import type { ImportBook, ImportOutcome } from "./record-import.ts";
import { AdvanceImportInput, decimalText, FinishImportInput, StartImportInput, TrackedBucketsInput } from "./schema.ts";

const uuid = /^[0-9a-f]{8}-([0-9a-f]{4}-){3}[0-9a-f]{12}$/;

function parsed<T>(schema: z.ZodType<T>, body: unknown): T {
  const read = schema.safeParse(body);
  if (read.success) return read.data;
  const [issue] = read.error.issues;
  const param = issue?.path.join(".") || undefined;
  throw new AppError("unprocessable", `${param ?? "The body"}: ${issue?.message ?? "is not valid"}`, { param });
}

/** Events of a dry run by the rules of the track door, with what the file says they cost. */
function comparable(events: Record<string, unknown>[]): Record<string, unknown>[] {
  return events.map((sent, index) => {
    const { event, field, refusal } = readEvent(sent);
    if (event === undefined) throw new AppError("unprocessable", `events.${index}.${field} ${refusal.rule}`, { param: `events.${index}` });
    const cost = sent.their_cost ?? null;
    if (cost !== null && (typeof cost !== "string" || !decimalText.test(cost))) {
      throw new AppError("unprocessable", `events.${index}.their_cost must be a decimal string`, { param: `events.${index}` });
    }
    const line = typeof sent.line === "number" && Number.isSafeInteger(sent.line) ? sent.line : null;
    return { ...event, their_cost: cost, line };
  });
}

/**
 * The imports door, for keys of scope `admin`: `POST /api/v1/imports` begins an import or finds the one to go on with, `…/{id}/progress`
 * notes rows that are dealt with, `…/{id}/finish` ends it, `/api/v1/imports/tracked` tells which buckets are tracked already. The events
 * themselves go through `POST /api/sdk/v1/track?source=import`.
 */
export function createImportsApp(options: DoorTools & { book: ImportBook; path?: string }): Hono<DoorEnvironment> {
  const { book, path = "/api/v1/imports" } = options;
  const app = createObservedApp(options);

  async function answer(
    c: Context<DoorEnvironment>,
    ask: (keyHash: Uint8Array, body: unknown) => Promise<ImportOutcome>,
  ): Promise<Response> {
    const keyHash = await options.sha256(bearerKey(c.req.header("authorization")));
    const { outcome, document } = await ask(keyHash, await readJson(c.req.raw));
    if (outcome === "unauthenticated") throw new AppError("unauthenticated");
    if (outcome === "forbidden") throw new AppError("forbidden", "This key lacks the scope admin.");
    return c.body(document ?? "null", 200, { "content-type": "application/json; charset=utf-8" });
  }
  const idOf = (c: Context<DoorEnvironment>): string => {
    const id = c.req.param("id") ?? "";
    if (!uuid.test(id)) throw new AppError("not_found", "Not found.");
    return id;
  };

  app.post(path, (c) => answer(c, (keyHash, body) => book.start(keyHash, parsed(StartImportInput, body))));
  app.post(`${path}/tracked`, (c) => answer(c, (keyHash, body) => book.tracked(keyHash, parsed(TrackedBucketsInput, body).buckets)));
  app.post(`${path}/:id/progress`, (c) =>
    answer(c, (keyHash, body) => {
      const input = parsed(AdvanceImportInput, body);
      return book.advance(keyHash, idOf(c), { ...input, events: comparable(input.events) });
    }),
  );
  app.post(`${path}/:id/finish`, (c) => answer(c, (keyHash, body) => book.finish(keyHash, idOf(c), parsed(FinishImportInput, body))));
  for (const place of [path, `${path}/tracked`, `${path}/:id/progress`, `${path}/:id/finish`]) refuseOtherMethods(app, place, "POST");
  return app;
}
