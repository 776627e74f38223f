import type { TransactionSql } from "postgres";
import { cellsOf, costSheet, type Lines, requestSheet } from "./columns.ts";
import { focusSource } from "./focus.ts";
import { type PageBuffer, readPage } from "./read-page.ts";

/** Asks in a transaction of the caller's own, a new one for each question: whoever loses access loses it in the middle of an export. */
export type AskAs = <T>(question: (transaction: TransactionSql, organizationId: string) => Promise<T>) => Promise<T>;

/** What is exported: `[from, to)` as instants, the organization's zone, filters as JSON. */
export type ExportSlice = { from: string; to: string; timeZone: string; filters: string };

/** Rows per page of requests, which is also a row group of Parquet. A page is one statement of some hundred milliseconds. */
const pageRows = 10_000;

const setting = (name: string, type: string): string => `current_setting('tokentra.export_${name}')::${type}`;

const organization = setting("organization", "uuid");
const window = `${setting("from", "timestamptz")}, ${setting("to", "timestamptz")}, ${setting("filters", "jsonb")}`;

const requestsStatement = `copy (
  select ${requestSheet.source.map((name) => `"${name}"`).join(", ")}
  from private.export_requests(${organization}, ${window}, ${setting("after_timestamp", "timestamptz")}, ${setting("after_id", "uuid")}, ${setting("limit", "integer")})
) to stdout (null '', delimiter ',')`;

const inputTokens =
  "fresh_input_tokens + cached_input_tokens + cache_write_5m_tokens + cache_write_1h_tokens + input_audio_tokens + cached_input_audio_tokens";
const component = (name: string): string => `trim_scale(sum(c.${name})) as ${name}`;

const costsStatement = `copy (
  select ${costSheet.source.map((name) => `r.${name}`).join(", ")}
  from (
    select ${setting("from", "timestamptz")} as day_start, ${setting("to", "timestamptz")} as day_end,
      c.provider, c.model, c.service_tier, c.region, c.team_id, c.project_id, c.api_key_id, c.feature, c.environment,
      sum(c.requests) as requests, sum(c.errors) as errors, sum(${inputTokens}) as input_tokens,
      sum(c.cached_input_tokens + c.cached_input_audio_tokens) as cached_input_tokens,
      sum(c.visible_output_tokens + c.reasoning_tokens + c.output_audio_tokens) as output_tokens, sum(c.reasoning_tokens) as reasoning_tokens,
      case when c.cost_status <> 'unpriced'
        then trim_scale(sum(c.cost_input + c.cost_cached_input + c.cost_cache_write + c.cost_output + c.cost_other)) end as cost,
      ${["cost_input", "cost_cached_input", "cost_cache_write", "cost_output", "cost_other"].map(component).join(", ")},
      c.cost_status, c.price_card_id
    from private.export_costs(${organization}, ${window}) c
    group by c.provider, c.model, c.service_tier, c.region, c.team_id, c.project_id, c.api_key_id, c.feature, c.environment, c.cost_status, c.price_card_id
  ) r
  order by r.provider, r.model, r.service_tier, r.region, r.team_id, r.project_id, r.api_key_id, r.feature, r.environment, r.cost_status, r.price_card_id
) to stdout (null '', delimiter ',')`;

const zone = setting("time_zone", "text");
const focusStatement = `copy (
  select ${focusSource.map((name) => `r.${name}`).join(", ")}
  from (
    select ${setting("from", "timestamptz")} as day_start, ${setting("to", "timestamptz")} as day_end,
      date_trunc('month', ${setting("from", "timestamptz")}, ${zone}) as month_start,
      (date_trunc('month', ${setting("from", "timestamptz")} at time zone ${zone}) + interval '1 month') at time zone ${zone} as month_end,
      ${organization} as organization_id, ${setting("organization_name", "text")} as organization_name, c.*
    from private.export_charges(${organization}, ${window}) c
  ) r
) to stdout (null '', delimiter ',')`;

/** Records, oldest first, by keyset over (timestamp, id). */
export async function* requestPages(ask: AskAs, { from, to, filters }: ExportSlice, limit = pageRows): AsyncGenerator<Lines> {
  const buffer: PageBuffer = { bytes: new Uint8Array(1 << 20) };
  const [timestampAt, idAt] = [requestSheet.source.indexOf("timestamp"), requestSheet.source.indexOf("id")];
  let after = { after_timestamp: "-infinity", after_id: "00000000-0000-0000-0000-000000000000" };
  for (;;) {
    const lines = await ask((transaction, organizationId) =>
      readPage(transaction, requestsStatement, { organization: organizationId, from, to, filters, limit: String(limit), ...after }, buffer),
    );
    if (lines.length > 0) yield lines;
    const last = cellsOf(lines.at(-1) ?? "");
    if (lines.length < limit) return;
    after = { after_timestamp: last[timestampAt] ?? "", after_id: last[idAt] ?? "" };
  }
}

/** Days are small; a page has at least this many rows unless it is the last. */
const gatheredRows = 5_000;

/** Sums, a day at a time. A large day takes seconds, so its statement gets a minute. */
async function* dayPages(ask: AskAs, slice: ExportSlice, statement: string): AsyncGenerator<Lines> {
  const buffer: PageBuffer = { bytes: new Uint8Array(1 << 18) };
  const days = await ask(
    (transaction, organizationId) => transaction<{ from: string; to: string }[]>`
      select d."from"::text, d."to"::text from private.export_days(${organizationId}, ${slice.from}, ${slice.to}) d`,
  );
  let gathered: Lines = [];
  for (const { from, to } of days) {
    const lines = await ask(async (transaction, organizationId) => {
      const [found] = await transaction<{ name: string }[]>`
        select o.name, set_config('statement_timeout', '60s', true) from public.organizations o where o.id = ${organizationId}`;
      const settings = { from, to, filters: slice.filters, time_zone: slice.timeZone, organization_name: found?.name ?? "" };
      return readPage(transaction, statement, { organization: organizationId, ...settings }, buffer);
    });
    gathered = gathered.length === 0 ? lines : gathered.concat(lines);
    if (gathered.length < gatheredRows) continue;
    yield gathered;
    gathered = [];
  }
  if (gathered.length > 0) yield gathered;
}

export const costPages = (ask: AskAs, slice: ExportSlice): AsyncGenerator<Lines> => dayPages(ask, slice, costsStatement);
export const focusPages = (ask: AskAs, slice: ExportSlice): AsyncGenerator<Lines> => dayPages(ask, slice, focusStatement);
