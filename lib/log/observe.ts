import { Hono } from "hono";
import type { Sha256 } from "../core/api-key.ts";
import { toAppError } from "../core/database-errors.ts";
import { AppError, toResponse } from "../core/errors.ts";
import { describeError, type Log } from "./log.ts";

export type DoorTools = {
  log: Log;
  /** Milliseconds since 1970. */
  now: () => number;
  newRequestId: () => string;
  sha256: Sha256;
  /** Leaves no line for answers below 400: probes come every few seconds. */
  isQuiet?: boolean;
};

/** What a handler may add to the line that its request leaves in the log. */
export type DoorEnvironment = { Variables: { requestId: string; facts: Record<string, unknown> } };

function causeOf(error: Error | undefined): string | undefined {
  const cause = error?.cause ?? error;
  return cause instanceof Error ? cause.message : undefined;
}

/**
 * An app in which every answer has a request id and says that nobody may store it (K1, K11), every error is one of the table,
 * and every request leaves one line: id, method, path without its query, status, milliseconds.
 */
export function createObservedApp({ log, now, newRequestId, isQuiet = false }: DoorTools): Hono<DoorEnvironment> {
  const app = new Hono<DoorEnvironment>();
  app.use(async (c, next) => {
    const startedAt = now();
    const requestId = newRequestId();
    const facts: Record<string, unknown> = {};
    c.set("requestId", requestId);
    c.set("facts", facts);
    c.header("x-request-id", requestId);
    c.header("cache-control", "private, no-store");
    await next();
    const status = c.res.status;
    const line = { request_id: requestId, method: c.req.method, path: c.req.path, status, ms: Math.round(now() - startedAt), ...facts };
    // A database that is away fails every request: one word about the cause is enough, a stack each would drown the log.
    if (status === 503) log.warn({ ...line, cause: causeOf(c.error) }, "request refused");
    else if (c.error !== undefined && status >= 500) log.error({ ...line, error: describeError(c.error) }, "request failed");
    else if (!isQuiet || status >= 400) log.info(line, "request");
  });
  app.onError((error, c) => toResponse(toAppError(error), c.get("requestId")));
  app.notFound((c) => toResponse(new AppError("not_found"), c.get("requestId")));
  return app;
}

/** Answers 405 to every method that the routes registered before it for `path` did not take. */
export function refuseOtherMethods(app: Hono<DoorEnvironment>, path: string, allow: string): void {
  app.all(path, (c) => {
    const response = toResponse(new AppError("method_not_allowed"), c.get("requestId"));
    response.headers.set("allow", allow);
    return response;
  });
}
