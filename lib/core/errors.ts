/**
 * The one closed table of everything a caller can be told went wrong.
 * `type` is the vocabulary that OpenAI-compatible clients read; `retry` says whether the same request may succeed later.
 */
export const errorTable = {
  invalid: { status: 400, type: "invalid_request_error", retry: false, message: "The request could not be read." },
  unauthenticated: {
    status: 401,
    type: "authentication_error",
    retry: false,
    message: "The API key is missing, wrong, expired or revoked.",
  },
  budget_exceeded: { status: 402, type: "budget_error", retry: false, message: "The budget for this call is used up." },
  forbidden: { status: 403, type: "permission_error", retry: false, message: "This credential may not do that." },
  not_found: { status: 404, type: "not_found_error", retry: false, message: "There is nothing here, or you may not see it." },
  method_not_allowed: { status: 405, type: "invalid_request_error", retry: false, message: "This address does not answer that method." },
  conflict: { status: 409, type: "conflict_error", retry: false, message: "This is in conflict with what is already stored." },
  too_large: { status: 413, type: "invalid_request_error", retry: false, message: "The request is too large." },
  unsupported_media: { status: 415, type: "invalid_request_error", retry: false, message: "Send application/json, plain or gzip." },
  unprocessable: {
    status: 422,
    type: "invalid_request_error",
    retry: false,
    message: "The request was read but its content is not valid.",
  },
  rate_limited: { status: 429, type: "rate_limit_error", retry: true, message: "Too many requests at once. Try again shortly." },
  internal: {
    status: 500,
    type: "api_error",
    retry: false,
    message: "Something went wrong on our side. The request id finds it in our log.",
  },
  provider_failed: { status: 502, type: "api_error", retry: true, message: "The provider did not answer properly." },
  unavailable: { status: 503, type: "api_error", retry: true, message: "A part that this needs is not available. Try again shortly." },
  timeout: { status: 504, type: "api_error", retry: true, message: "This took too long." },
} as const satisfies Record<string, { status: number; type: string; retry: boolean; message: string }>;

export type ErrorCode = keyof typeof errorTable;

export type ErrorDetails = {
  /** The field or parameter at fault, in the caller's own words. */
  param?: string | undefined;
  /** Seconds until a retry makes sense. Only codes with `retry` carry it. */
  retryAfterSeconds?: number | undefined;
  /** Per-field sentences, for forms. */
  fields?: Record<string, string> | undefined;
  /** What really happened. Goes to the log, never over the wire. */
  cause?: unknown;
};

/** A mistake that has a place in the table. Everything thrown that is not one of these is a 500. */
export class AppError extends Error {
  override readonly name = "AppError";
  readonly code: ErrorCode;
  readonly param: string | null;
  readonly retryAfterSeconds: number | null;
  readonly fields: Record<string, string> | null;

  constructor(code: ErrorCode, message?: string, details: ErrorDetails = {}) {
    super(message ?? errorTable[code].message, details.cause === undefined ? undefined : { cause: details.cause });
    this.code = code;
    this.param = details.param ?? null;
    this.fields = details.fields ?? null;
    this.retryAfterSeconds = errorTable[code].retry ? (details.retryAfterSeconds ?? 1) : null;
  }

  get status(): number {
    return errorTable[this.code].status;
  }
}

/** K1: the shape of every error body. */
type WireError = {
  error: { code: ErrorCode; type: string; message: string; param: string | null; request_id: string };
};

function toWire(error: AppError, requestId: string): WireError {
  const { type } = errorTable[error.code];
  return { error: { code: error.code, type, message: error.message, param: error.param, request_id: requestId } };
}

/** The HTTP answer for an error: K1 body, `x-request-id`, and the retry advice of its code. */
export function toResponse(error: AppError, requestId: string): Response {
  const headers = new Headers({
    "content-type": "application/json; charset=utf-8",
    "cache-control": "private, no-store",
    "x-request-id": requestId,
    "x-should-retry": errorTable[error.code].retry ? "true" : "false",
  });
  if (error.retryAfterSeconds !== null) headers.set("retry-after", String(error.retryAfterSeconds));
  if (error.code === "unauthenticated") headers.set("www-authenticate", 'Bearer realm="TokenTRA"');
  return new Response(JSON.stringify(toWire(error, requestId)), { status: error.status, headers });
}
