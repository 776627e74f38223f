import { BinaryWriter, WireType } from "@bufbuild/protobuf/wire";
import { type AppError, type ErrorCode, toResponse } from "../core/errors.ts";

/** How a request is written, and therefore its answer. */
export type Encoding = "json" | "protobuf";

export const mediaTypes = { json: "application/json", protobuf: "application/x-protobuf" } as const;

/** The encoding that a content type names, or null when OTLP knows none of that name. */
export function encodingOf(contentType: string | undefined): Encoding | null {
  const media = (contentType ?? "").split(";")[0]!.trim().toLowerCase();
  if (media === mediaTypes.json) return "json";
  return media === mediaTypes.protobuf || media === "application/protobuf" ? "protobuf" : null;
}

/** What of a request was not stored: how many spans, and why (the first reasons). */
export type PartialSuccess = { rejectedSpans: number; errorMessage: string };

/** ExportTraceServiceResponse as text or bytes. Nothing rejected: the message is empty, as the protocol asks. */
export function successBody(encoding: Encoding, partial: PartialSuccess | null): string | Uint8Array<ArrayBuffer> {
  if (encoding === "json") {
    const partialSuccess = partial && { rejectedSpans: String(partial.rejectedSpans), errorMessage: partial.errorMessage };
    return JSON.stringify(partialSuccess ? { partialSuccess } : {});
  }
  const writer = new BinaryWriter();
  if (partial) {
    writer.tag(1, WireType.LengthDelimited).fork();
    writer.tag(1, WireType.Varint).int64(partial.rejectedSpans);
    writer.tag(2, WireType.LengthDelimited).string(partial.errorMessage).join();
  }
  return writer.finish();
}

/** google.rpc.Code of each code of ours. */
const rpcCodes: Record<ErrorCode, number> = {
  invalid: 3,
  unauthenticated: 16,
  budget_exceeded: 9,
  forbidden: 7,
  not_found: 5,
  method_not_allowed: 12,
  conflict: 6,
  too_large: 8,
  unsupported_media: 3,
  unprocessable: 3,
  rate_limited: 8,
  internal: 13,
  provider_failed: 14,
  unavailable: 14,
  timeout: 4,
};

/**
 * A google.rpc.Status in the encoding of the request, with the status and headers that every door gives (429 and 503 say when to come
 * back). In JSON the error in our usual shape stands beside it.
 */
export async function failureAnswer(error: AppError, requestId: string, encoding: Encoding | null): Promise<Response> {
  const usual = toResponse(error, requestId);
  const code = rpcCodes[error.code];
  if (encoding === "protobuf") {
    const writer = new BinaryWriter().tag(1, WireType.Varint).int32(code).tag(2, WireType.LengthDelimited).string(error.message);
    usual.headers.set("content-type", mediaTypes.protobuf);
    return new Response(writer.finish(), { status: usual.status, headers: usual.headers });
  }
  const body = { code, message: error.message, ...((await usual.json()) as object) };
  return new Response(JSON.stringify(body), { status: usual.status, headers: usual.headers });
}
