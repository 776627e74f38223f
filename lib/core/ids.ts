const uuidPattern = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/i;

export function isUuid(text: string): boolean {
  return uuidPattern.test(text);
}

const alphabet = "0123456789abcdefghjkmnpqrstvwxyz";

/**
 * A request id such as `req_01jd4m…`: 48 bits of milliseconds, then 80 random bits, in Crockford base 32, so that ids
 * sort by time in a log and say nothing about the caller.
 */
export function newRequestId(nowMs: number = Date.now()): string {
  let time = "";
  for (let rest = nowMs, digit = 0; digit < 10; digit++) {
    time = alphabet[rest % 32] + time;
    rest = Math.floor(rest / 32);
  }
  let random = "";
  for (const byte of crypto.getRandomValues(new Uint8Array(16))) random += alphabet[byte & 31];
  return `req_${time}${random}`;
}
