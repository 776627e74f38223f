import { Temporal } from "temporal-polyfill";
import type { AuditFilter } from "@/lib/audit-log/queries.ts";

/** The instant at which a day (`2026-11-21`) or the one after it begins in the zone; null for what is no date. */
function dayStart(day: string, timeZone: string, addDays = 0): string | null {
  if (!/^\d{4}-\d{2}-\d{2}$/.test(day)) return null;
  try {
    return Temporal.PlainDate.from(day).add({ days: addDays }).toZonedDateTime(timeZone).toInstant().toString();
  } catch {
    return null;
  }
}

/** The filter in the address: `q`, `entity`, `actor`, and the days `from` and `to`, both included, in the organization's zone. */
export function readAuditFilter(get: (name: string) => string, timeZone: string): AuditFilter {
  return {
    search: get("q").slice(0, 200),
    entity: get("entity"),
    actor: get("actor"),
    from: dayStart(get("from"), timeZone),
    to: dayStart(get("to"), timeZone, 1),
  };
}
