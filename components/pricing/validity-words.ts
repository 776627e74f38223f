import { formatDate, formatDateTime, inZone } from "@/lib/core/time.ts";

/** A bound of an interval: the day, and the time when it is not midnight in the zone. */
function moment(text: string, timeZone: string): string {
  const at = inZone(text, timeZone);
  return at.hour === 0 && at.minute === 0 ? formatDate(text, timeZone) : formatDateTime(text, timeZone, false);
}

/** `always`, `since 10 Jun 2025`, `until 1 Jan 2027`, `10 Jun 2025 to 1 Jan 2027`; the end is the first moment it no longer holds. */
export function validityWords({ valid_from, valid_to }: { valid_from: string | null; valid_to: string | null }, timeZone: string): string {
  if (valid_from === null) return valid_to === null ? "always" : `until ${moment(valid_to, timeZone)}`;
  return valid_to === null ? `since ${moment(valid_from, timeZone)}` : `${moment(valid_from, timeZone)} to ${moment(valid_to, timeZone)}`;
}
