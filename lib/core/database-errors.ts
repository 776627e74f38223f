import { AppError, type ErrorCode, errorTable } from "./errors.ts";

/** Network failures as Node, Deno and postgres.js name them: the database was not reached, or went away. */
const connectionCodes = new Set([
  "ECONNREFUSED",
  "ECONNRESET",
  "EPIPE",
  "ENOTFOUND",
  "ENOENT",
  "EAI_AGAIN",
  "ETIMEDOUT",
  "EHOSTUNREACH",
  "ENETUNREACH",
  "CONNECT_TIMEOUT",
  "CONNECTION_CLOSED",
  "CONNECTION_ENDED",
  "CONNECTION_DESTROYED",
]);

/** SQLSTATEs that have a place in the table by themselves; the classes follow in `codeOf`. */
const bySqlState: Record<string, ErrorCode> = {
  "23505": "conflict",
  "23503": "conflict",
  "23P01": "conflict",
  "40001": "unavailable",
  "40P01": "unavailable",
  "42501": "forbidden",
  "55P03": "unavailable",
  "57014": "unavailable",
  P0001: "unprocessable",
  P0002: "not_found",
};

const byClass: Record<string, ErrorCode> = {
  "08": "unavailable",
  "22": "unprocessable",
  "23": "unprocessable",
  "25": "unavailable",
  "53": "unavailable",
  "57": "unavailable",
};

const byStatus = new Map<number, ErrorCode>(
  (Object.keys(errorTable) as ErrorCode[]).reverse().map((code) => [errorTable[code].status, code] as const),
);

/**
 * postgres.js, when a connection breaks at the wrong moment, writes to a socket that is already gone: in a query's own promise, or
 * later outside of every promise. Either way it says that the connection was lost, and nothing else.
 */
export function isWriteToLostConnection(error: unknown): boolean {
  return error instanceof TypeError && /\bnextWrite\b.*postgres/.test(error.stack ?? "");
}

function textField(value: object, field: string): string | undefined {
  const found: unknown = (value as Record<string, unknown>)[field];
  return typeof found === "string" ? found : undefined;
}

function raisedByUs(error: object, sqlState: string): AppError {
  const status = Number(sqlState.slice(2));
  let code = byStatus.get(status) ?? "unprocessable";
  let param: string | undefined;
  try {
    const detail: unknown = JSON.parse(textField(error, "detail") ?? textField(error, "details") ?? "{}");
    if (typeof detail === "object" && detail !== null) {
      const named = textField(detail, "code");
      if (named !== undefined && Object.hasOwn(errorTable, named)) code = named as ErrorCode;
      param = textField(detail, "field");
    }
  } catch {
    // The detail is ours but optional: without it the status alone decides.
  }
  return new AppError(code, textField(error, "message"), { param, cause: error });
}

/**
 * Gives an error of the database, or of the way to it, its place in the table. Only sentences that our own SQL
 * raised on purpose (`PT…`) reach the caller; every other one is replaced by the sentence of its code.
 * Returns null for an error that is neither, which is a defect of ours.
 */
export function fromDatabaseError(error: unknown): AppError | null {
  if (typeof error !== "object" || error === null) return null;
  if (isWriteToLostConnection(error)) return new AppError("unavailable", undefined, { retryAfterSeconds: 2, cause: error });
  const state = textField(error, "code");
  if (state === undefined) return null;
  if (connectionCodes.has(state)) return new AppError("unavailable", undefined, { retryAfterSeconds: 2, cause: error });
  if (!/^[0-9A-Z]{5}$/.test(state)) return null;
  if (/^PT\d{3}$/.test(state)) return raisedByUs(error, state);
  const code = bySqlState[state] ?? byClass[state.slice(0, 2)];
  return code === undefined ? null : new AppError(code, undefined, { cause: error });
}

/** Whatever was thrown, as something that can be answered. The unknown becomes `internal` and keeps its cause for the log. */
export function toAppError(error: unknown): AppError {
  if (error instanceof AppError) return error;
  return fromDatabaseError(error) ?? new AppError("internal", undefined, { cause: error });
}
