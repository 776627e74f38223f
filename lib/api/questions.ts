import type { TransactionSql } from "postgres";
import { AppError } from "../core/errors.ts";
import { filtersOf } from "../core/query-fields.ts";
import { readCursor, writeCursor } from "./cursor.ts";
import type { CostsQuery, PricesQuery, RequestsQuery, UsageQuery } from "./schema.ts";
import { readWindow } from "./window.ts";

/** The questions of the API as documents of JSON text that the database wrote, over the same functions as the screens. */

const longest: Record<string, number> = { minute: 1, hour: 93, day: 1_100, week: 3_700, month: 7_400, total: 7_400 };

async function askSpend(
  tx: TransactionSql,
  organizationId: string,
  query: CostsQuery | UsageQuery,
  isCost: boolean,
): Promise<string | null> {
  const { from, to, timeZone } = await readWindow(tx, organizationId, query);
  const { granularity, group_by: groupBy, limit } = query;
  const days = longest[granularity] ?? 0;
  if ((Date.parse(to) - Date.parse(from)) / 86_400_000 > days) {
    throw new AppError("invalid", `granularity ${granularity} takes windows of at most ${days} days.`, { param: "granularity" });
  }
  const compare = "compare" in query && query.compare === "previous";
  const filters = JSON.stringify(filtersOf(query));
  const columns = isCost
    ? tx`s.cost, s.cost_input, s.cost_cached_input, s.cost_cache_write, s.cost_output, s.cost_other, s.requests, s.not_exact_requests, s.unpriced_requests`
    : tx`s.requests, s.errors, s.input_tokens, s.cached_input_tokens, s.output_tokens, s.reasoning_tokens, s.total_tokens, s.latency_p50_ms, s.latency_p95_ms`;
  const before = isCost ? tx`, s.previous_cost, s.previous_requests, s.change_cost` : tx``;
  // The same stretch of the calendar just before, so that days of 23 and 25 hours count as days.
  const previousFrom = tx`(${from}::timestamptz at time zone ${timeZone} - (${to}::timestamptz at time zone ${timeZone} - ${from}::timestamptz at time zone ${timeZone})) at time zone ${timeZone}`;
  const spendBy = (dimension: string, most: number) => tx`public.spend_by(${organizationId}, ${from}, ${to}, ${dimension},
    ${compare ? previousFrom : tx`null`}, ${compare ? tx`${from}::timestamptz` : tx`null`}, ${filters}::text::jsonb, 'cost', ${most})`;
  const rows =
    granularity === "total"
      ? tx`select null::timestamptz as bucket, s.key, s.label, ${columns} ${before}, s.total_rows from ${spendBy(groupBy, limit)} s`
      : tx`select s.bucket, s.key, s.label, ${columns} ${isCost ? tx`, null::text as previous_cost, null::bigint as previous_requests, null::text as change_cost` : tx``},
          count(*) over () as total_rows
        from public.spend_series(${organizationId}, ${from}, ${to}, ${granularity}, ${groupBy}, ${filters}::text::jsonb, ${limit}, ${!isCost}) s`;
  const [found] = await tx<{ document: string }[]>`
    with answer as materialized (${rows}), total as materialized (select ${columns} ${before} from ${spendBy("none", 1)} s)
    select json_build_object(
      'start', ${from}::timestamptz, 'end', ${to}::timestamptz, 'time_zone', ${timeZone}::text, 'currency', 'USD',
      'granularity', ${granularity}::text, 'group_by', ${groupBy}::text,
      'total', coalesce((select row_to_json(t) from total t), (select row_to_json(z) from (select ${isCost ? noCosts(tx, compare) : noUse(tx)}) z)),
      'total_rows', coalesce((select max(a.total_rows) from answer a), 0),
      'data', coalesce((select json_agg(row_to_json(d)) from (select ${outward(tx, isCost)} from answer s) d), '[]')
    )::text as document`;
  return found?.document ?? null;
}

/** What leaves of a row, in the order of the documentation. */
const outward = (tx: TransactionSql, isCost: boolean) =>
  isCost
    ? tx`s.bucket, s.key, s.label, s.cost, s.cost_input, s.cost_cached_input, s.cost_cache_write, s.cost_output, s.cost_other, s.requests,
        s.not_exact_requests, s.unpriced_requests, s.previous_cost, s.previous_requests, s.change_cost`
    : tx`s.bucket, s.key, s.label, s.requests, s.errors, s.input_tokens, s.cached_input_tokens, s.output_tokens, s.reasoning_tokens,
        s.total_tokens, s.latency_p50_ms, s.latency_p95_ms`;

const noCosts = (tx: TransactionSql, compare: boolean) =>
  tx`'0' as cost, '0' as cost_input, '0' as cost_cached_input, '0' as cost_cache_write, '0' as cost_output, '0' as cost_other, 0 as requests,
    0 as not_exact_requests, 0 as unpriced_requests, ${compare ? "0" : null}::text as previous_cost, ${compare ? 0 : null}::bigint as previous_requests,
    ${compare ? "0" : null}::text as change_cost`;

const noUse = (tx: TransactionSql) =>
  tx`0 as requests, 0 as errors, 0 as input_tokens, 0 as cached_input_tokens, 0 as output_tokens, 0 as reasoning_tokens, 0 as total_tokens,
    null::integer as latency_p50_ms, null::integer as latency_p95_ms`;

export const askCosts = (tx: TransactionSql, organizationId: string, query: CostsQuery) => askSpend(tx, organizationId, query, true);
export const askUsage = (tx: TransactionSql, organizationId: string, query: UsageQuery) => askSpend(tx, organizationId, query, false);

const instantPattern = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/;
const idPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/** Newest first; a page begins after the last row of the one before, so that what arrives meanwhile shifts nothing. */
export async function askRequests(tx: TransactionSql, organizationId: string, query: RequestsQuery): Promise<string | null> {
  const [timestamp = null, id = null] = query.cursor === undefined ? [] : readCursor(query.cursor, instantPattern, idPattern);
  const { from, to, timeZone } = await readWindow(tx, organizationId, query);
  const [found] = await tx<{ frame: string; data: string; next_timestamp: string | null; next_id: string | null }[]>`
    with page as materialized (
      select r.*, row_number() over () as place
      from public.usage_requests(${organizationId}, ${from}, ${to}, ${JSON.stringify(filtersOf(query))}::text::jsonb, ${query.search ?? null}, ${timestamp}, ${id},
        ${query.limit + 1}) r
    ),
    last as (
      select p."timestamp", p.id from page p where p.place = ${query.limit} and exists (select from page n where n.place > ${query.limit})
    )
    select json_build_object('start', ${from}::timestamptz, 'end', ${to}::timestamptz, 'time_zone', ${timeZone}::text)::text as frame,
      coalesce((select json_agg(to_jsonb(p) - 'place' order by p.place) from page p where p.place <= ${query.limit}), '[]')::text as data,
      (select to_char(l."timestamp" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') from last l) as next_timestamp,
      (select l.id::text from last l) as next_id`;
  if (found === undefined) return null;
  const next = found.next_timestamp !== null && found.next_id !== null ? writeCursor(found.next_timestamp, found.next_id) : null;
  return withList(found.frame, found.data, next);
}

/** The price book changes rarely and as a whole, so that a page is found by its number of rows. */
export async function askPrices(tx: TransactionSql, organizationId: string, query: PricesQuery): Promise<string | null> {
  const offset = query.cursor === undefined ? 0 : Number(readCursor(query.cursor, /^\d{1,9}$/)[0]);
  const [found] = await tx<{ data: string; rows: number; total_rows: string }[]>`
    with page as materialized (
      select p.provider, p.model, p.unit, p.service_tier, p.region, p.list_rate, p.contracted_rate, p.per, p.discount_percent,
        p.min_input_tokens, p.max_input_tokens, p.valid_from, p.valid_to, p.state, p.source, p.total_rows
      from public.list_prices(${organizationId}, ${query.search ?? null}, ${query.provider ?? null}, ${query.unit ?? null}, ${query.service_tier ?? null},
        ${query.state}, ${query.scope}, ${query.limit}, ${offset}) p
    )
    select coalesce(json_agg(to_jsonb(p) - 'total_rows'), '[]')::text as data, count(*)::integer as rows, coalesce(max(p.total_rows), 0)::text as total_rows
    from page p`;
  if (found === undefined) return null;
  const seen = offset + found.rows;
  const next = found.rows > 0 && seen < Number(found.total_rows) ? writeCursor(String(seen)) : null;
  return withList(`{"currency": "USD", "total_rows": ${found.total_rows}}`, found.data, next);
}

/** One document of three texts, none of them parsed: figures stay as the database wrote them. */
const withList = (frame: string, data: string, nextCursor: string | null): string =>
  `${frame.slice(0, -1)}, "data": ${data}, "next_cursor": ${JSON.stringify(nextCursor)}}`;
