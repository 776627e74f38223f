import type { TransactionSql } from "postgres";
import { AppError } from "../core/errors.ts";

/** A half-open window of time as instants in UTC with microseconds, and the organization's zone. */
export type TimeWindow = { from: string; to: string; timeZone: string };

const instantFormat = 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"';

/**
 * What a query means by `start_date` and `end_date`: days begin in the organization's time zone. Without an end it is now and the five
 * minutes that events may be ahead; without a beginning it is the first of the month. The rest of the transaction writes times with the
 * offset of that zone.
 * @throws AppError `invalid` when the end does not come after the beginning
 */
export async function readWindow(
  transaction: TransactionSql,
  organizationId: string,
  query: { start_date?: string | undefined; end_date?: string | undefined },
): Promise<TimeWindow> {
  const { start_date: start = null, end_date: end = null } = query;
  const [found] = await transaction<{ from: string; to: string; time_zone: string; is_window: boolean }[]>`
    select to_char(w."from" at time zone 'UTC', ${instantFormat}) as "from", to_char(w."to" at time zone 'UTC', ${instantFormat}) as "to",
      w.time_zone, w."from" < w."to" as is_window, set_config('timezone', w.time_zone, true)
    from (
      select s.time_zone,
        case when ${start}::text is null then date_trunc('month', now(), s.time_zone)
          when length(${start}::text) = 10 then ${start}::text::timestamp at time zone s.time_zone else ${start}::text::timestamptz end as "from",
        case when ${end}::text is null then now() + interval '6 minutes'
          when length(${end}::text) = 10 then ${end}::text::timestamp at time zone s.time_zone else ${end}::text::timestamptz end as "to"
      from private.readable_usage_settings s where s.organization_id = ${organizationId}
    ) w`;
  if (found === undefined) throw new AppError("not_found");
  if (!found.is_window) throw new AppError("invalid", "end_date must come after start_date.", { param: "end_date" });
  return { from: found.from, to: found.to, timeZone: found.time_zone };
}
