import { AppError } from "../core/errors.ts";
import { trackLimits } from "../usage/schema.ts";

const tooLarge = () => new AppError("too_large", `A request holds at most ${trackLimits.bodyBytes} bytes.`);
const tooLargeUnpacked = () =>
  new AppError("too_large", `A request holds at most ${trackLimits.decompressedBytes} bytes after decompression.`);
const unreadable = (message: string, cause?: unknown) => new AppError("invalid", message, { cause });

function requireJson(request: Request): void {
  const [media, ...parameters] = (request.headers.get("content-type") ?? "").toLowerCase().split(";");
  const charset = parameters.map((parameter) => parameter.trim()).find((parameter) => parameter.startsWith("charset="));
  if (media?.trim() !== "application/json" || (charset !== undefined && charset.replaceAll('"', "") !== "charset=utf-8")) {
    throw new AppError("unsupported_media", "Send application/json in UTF-8.", { param: "content-type" });
  }
}

function isGzip(request: Request): boolean {
  const encoding = (request.headers.get("content-encoding") ?? "identity").trim().toLowerCase();
  if (encoding === "gzip" || encoding === "x-gzip") return true;
  if (encoding === "identity" || encoding === "") return false;
  throw new AppError("unsupported_media", "Send the body plain or as gzip.", { param: "content-encoding" });
}

/** Passes bytes on until there are more than `limit`, then fails. Counting happens while they stream, so a bomb never unfolds. */
function atMost(limit: number, error: () => AppError): TransformStream<Uint8Array<ArrayBuffer>, Uint8Array<ArrayBuffer>> {
  let seen = 0;
  return new TransformStream({
    transform(chunk, controller) {
      seen += chunk.byteLength;
      if (seen > limit) controller.error(error());
      else controller.enqueue(chunk);
    },
  });
}

async function collect(stream: ReadableStream<Uint8Array>): Promise<Uint8Array> {
  const chunks: Uint8Array[] = [];
  let length = 0;
  const reader = stream.getReader();
  for (let next = await reader.read(); !next.done; next = await reader.read()) {
    chunks.push(next.value);
    length += next.value.byteLength;
  }
  const whole = new Uint8Array(length);
  let at = 0;
  for (const chunk of chunks) {
    whole.set(chunk, at);
    at += chunk.byteLength;
  }
  return whole;
}

async function readBytes(request: Request): Promise<Uint8Array> {
  const declared = request.headers.get("content-length");
  if (declared !== null && Number(declared) > trackLimits.bodyBytes) throw tooLarge();
  const gzip = isGzip(request);
  // A declared length binds the transport, so the whole body can be taken at once: the fast way, and the usual one.
  if (!gzip && declared !== null) {
    const whole = new Uint8Array(await request.arrayBuffer());
    if (whole.byteLength > trackLimits.bodyBytes) throw tooLarge();
    return whole;
  }
  if (request.body === null) return new Uint8Array();
  const wire = request.body.pipeThrough(atMost(trackLimits.bodyBytes, tooLarge));
  if (!gzip) return collect(wire);
  return collect(wire.pipeThrough(new DecompressionStream("gzip")).pipeThrough(atMost(trackLimits.decompressedBytes, tooLargeUnpacked)));
}

/**
 * Reads a body within the limits of K7, whatever its length header says, and unpacks it.
 * @throws AppError `unsupported_media` (an encoding other than gzip), `too_large` or `invalid` (not gzip, cut off).
 */
export async function readBody(request: Request): Promise<Uint8Array> {
  try {
    return await readBytes(request);
  } catch (error) {
    if (error instanceof AppError) throw error;
    throw unreadable("The body is cut off or is not the gzip it says it is.", error);
  }
}

/** @throws AppError `invalid` when the bytes are not JSON in UTF-8. */
export function parseJson(bytes: Uint8Array): unknown {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true }).decode(bytes)) as unknown;
  } catch (error) {
    throw unreadable("The body is not JSON in UTF-8.", error);
  }
}

/**
 * Reads a JSON body within the limits of K7.
 * @throws AppError `unsupported_media`, `too_large` or `invalid` (not gzip, not UTF-8, not JSON, cut off).
 */
export async function readJson(request: Request): Promise<unknown> {
  requireJson(request);
  return parseJson(await readBody(request));
}
