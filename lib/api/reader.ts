import type { Sql, TransactionSql } from "postgres";
import { askCosts, askPrices, askRequests, askUsage } from "./questions.ts";
import { type KeyHolder, readWithKey } from "./read-with-key.ts";
import type { CostsQuery, PricesQuery, RequestsQuery, UsageQuery } from "./schema.ts";

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
  };
}
