/**
 * Exact decimals out of a catalogue that stores doubles.
 *
 * A double prints as the shortest decimal that reads back as itself, which is the price somebody typed, unless arithmetic went
 * before: 0.18000000000000002 was 0.18 once. Such an artefact sits a unit in the last place beside a short decimal.
 */
export function shortestDecimal(value: number): string {
  if (!Number.isFinite(value) || value < 0) throw new RangeError(`not a price: ${value}`);
  const short = Number(value.toPrecision(12));
  return plain(Math.abs(short - value) <= 2 * Number.EPSILON * value ? short : value);
}

/** Writes a double's shortest decimal without an exponent. */
function plain(value: number): string {
  const text = String(value);
  const [mantissa = "0", exponent] = text.split("e");
  return exponent === undefined ? text : shiftPoint(mantissa, Number(exponent));
}

/** Multiplies a plain decimal by a power of ten by moving its point: exact, however many digits. */
export function shiftPoint(decimal: string, places: number): string {
  const [whole = "0", fraction = ""] = decimal.split(".");
  const digits = whole + fraction;
  const point = whole.length + places;
  const padded = point <= 0 ? "0".repeat(1 - point) + digits : digits.padEnd(point, "0");
  const at = Math.max(point, 1);
  const integer = padded.slice(0, at).replace(/^0+(?=\d)/, "");
  const rest = padded.slice(at).replace(/0+$/, "");
  return rest === "" ? integer : `${integer}.${rest}`;
}

/** Price per million (or any power of ten) → price per one unit, exact. */
export function perOne(decimal: string, perPowerOfTen: number): string {
  return shiftPoint(decimal, -perPowerOfTen);
}
