import type { Sql, TransactionSql } from "postgres";
import { filtersOf } from "../core/query-fields.ts";
import { type ExportFile, openExport } from "../exports/open.ts";
import type { AskAs } from "../exports/pages.ts";
import type { ExportQuery } from "../exports/schema.ts";
import { askCosts, askPrices, askRequests, askUsage } from "./questions.ts";
import { type KeyHolder, readWithKey } from "./read-with-key.ts";
import type { CostsQuery, PricesQuery, RequestsQuery, UsageQuery } from "./schema.ts";
import { readWindow } from "./window.ts";

/** A document of JSON text, exactly as the database wrote it: numbers and amounts never pass through floating point. */
export type Answer = { holder: KeyHolder; answer: string | null };

/** The questions of the public API; null where there is nothing to see. */
export type ApiReader = {
  overview(keyHash: Uint8Array): Promise<Answer>;
  usageRequest(keyHash: Uint8Array, requestId: string): Promise<Answer>;
  costs(keyHash: Uint8Array, query: CostsQuery): Promise<Answer>;
  usage(keyHash: Uint8Array, query: UsageQuery): Promise<Answer>;
  requests(keyHash: Uint8Array, query: RequestsQuery): Promise<Answer>;
  prices(keyHash: Uint8Array, query: PricesQuery): Promise<Answer>;
  /** A file that is written while it is read. */
  export(keyHash: Uint8Array, query: ExportQuery): Promise<{ holder: KeyHolder; file: ExportFile }>;
};

type Ask<Q> = (transaction: TransactionSql, organizationId: string, query: Q) => Promise<string | null>;

export function createApiReader(sql: Sql): ApiReader {
  const reading =
    <Q>(ask: Ask<Q>) =>
    (keyHash: Uint8Array, query: Q): Promise<Answer> =>
      readWithKey(sql, keyHash, (transaction, { organizationId }) => ask(transaction, organizationId, query));
  const askRequest = reading<string>(async (transaction, organizationId, requestId) => {
    const [row] = await transaction<{ document: string | null }[]>`
      select public.usage_request(${organizationId}, ${requestId})::text as document`;
    return row?.document ?? null;
  });
  const askOverview = reading<null>(async (transaction, organizationId) => {
    const [row] = await transaction<{ document: string | null }[]>`select public.overview(${organizationId})::text as document`;
    return row?.document ?? null;
  });
  return {
    overview: (keyHash) => askOverview(keyHash, null),
    usageRequest: askRequest,
    costs: reading(askCosts),
    usage: reading(askUsage),
    requests: reading(askRequests),
    prices: reading(askPrices),
    async export(keyHash, query) {
      const { holder, answer: window } = await readWithKey(sql, keyHash, (transaction, { organizationId }) =>
        readWindow(transaction, organizationId, query),
      );
      const ask: AskAs = async (question) =>
        (await readWithKey(sql, keyHash, (transaction, { organizationId }) => question(transaction, organizationId))).answer;
      return { holder, file: await openExport(ask, query, { ...window, filters: JSON.stringify(filtersOf(query)) }) };
    },
  };
}
