/** Random bytes in stock: asking the system for sixteen at a time costs more than everything else about an id. */
const stock = new Uint8Array(4_096);
let used = stock.length;

function randomByte(): number {
  if (used === stock.length) {
    crypto.getRandomValues(stock);
    used = 0;
  }
  return stock[used++]!;
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
  for (let digit = 0; digit < 16; digit++) random += alphabet[randomByte() & 31];
  return `req_${time}${random}`;
}
