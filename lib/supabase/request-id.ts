import { newRequestId } from "../core/ids.ts";

type WireError = Record<string, unknown>;

/**
 * A fetch whose database requests can be found again: each carries an id of ours in `x-request-id`, and an error's body names the id
 * that finds it, as `request_id`: the gateway's own (`sb-request-id`) where a browser may read it, else ours. An answer that never
 * came is an error of the same shape.
 */
export function withRequestIds(send: typeof fetch): typeof fetch {
  return async (input, init) => {
    const address = input instanceof Request ? input.url : String(input);
    if (!new URL(address).pathname.startsWith("/rest/v1/")) return send(input, init);
    const ours = newRequestId();
    const headers = new Headers(init?.headers ?? (input instanceof Request ? input.headers : undefined));
    headers.set("x-request-id", ours);
    let response: Response;
    try {
      response = await send(input, { ...init, headers });
    } catch (error) {
      // Whoever cancelled a question knows; everybody else should hear that the way to the database is broken, not that we are.
      if (init?.signal?.aborted) throw error;
      const message = error instanceof Error ? error.message : String(error);
      return Response.json({ code: "ECONNRESET", message, details: null, hint: null, request_id: ours }, { status: 503 });
    }
    if (response.ok || init?.method === "HEAD") return response;
    const request_id = response.headers.get("sb-request-id") ?? ours;
    return Response.json({ ...(await readError(response)), request_id }, { status: response.status, headers: keptHeaders(response) });
  };
}

/** The id to quote for an error of a query, from the error itself or from what caused it; null when it never was a request. */
export function requestIdOf(error: unknown): string | null {
  for (let at: unknown = error, depth = 0; typeof at === "object" && at !== null && depth < 5; depth += 1) {
    const { request_id, cause } = at as { request_id?: unknown; cause?: unknown };
    if (typeof request_id === "string") return request_id;
    at = cause;
  }
  return null;
}

/** PostgREST answers errors as JSON; a proxy on the way may answer with anything. */
async function readError(response: Response): Promise<WireError> {
  const text = await response.text();
  try {
    const body: unknown = JSON.parse(text);
    if (typeof body === "object" && body !== null && !Array.isArray(body)) return body as WireError;
  } catch {
    // Not JSON: handed on as the message.
  }
  return { message: text.slice(0, 500), code: "", details: null, hint: null };
}

function keptHeaders(response: Response): Headers {
  const headers = new Headers(response.headers);
  for (const name of ["content-length", "content-encoding", "content-type"]) headers.delete(name);
  return headers;
}
