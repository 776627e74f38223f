import { AppError } from "./errors.ts";

const keyPattern = /^tt_(?:live|test)_[A-Za-z0-9_-]{43}$/;
const encoder = new TextEncoder();

/** SHA-256 of a text. Hosts with a synchronous one pass it in: the portable one costs as much as the rest of a small request. */
export type Sha256 = (text: string) => Uint8Array | Promise<Uint8Array>;

export const webSha256: Sha256 = async (text) => new Uint8Array(await crypto.subtle.digest("SHA-256", encoder.encode(text)));

/**
 * The API key in an `Authorization: Bearer tt_…` header. What cannot be a key is refused without asking the database,
 * with the same answer as a key that is unknown, expired or revoked.
 * @throws AppError `unauthenticated`
 */
export function bearerKey(authorization: string | undefined): string {
  const key = /^Bearer +(\S+) *$/i.exec(authorization ?? "")?.[1];
  if (key === undefined || !keyPattern.test(key)) throw new AppError("unauthenticated");
  return key;
}
