import type { Sql } from "postgres";
import { type KeyHolder, readWithKey } from "./read-with-key.ts";

/** A document of JSON text, exactly as the database wrote it: numbers and amounts never pass through floating point. */
export type Answer = { holder: KeyHolder; answer: string | null };

/** The questions of the public API; null where there is nothing to see. */
export type ApiReader = {
  overview(keyHash: Uint8Array): Promise<Answer>;
  usageRequest(keyHash: Uint8Array, requestId: string): Promise<Answer>;
};

export function createApiReader(sql: Sql): ApiReader {
  return {
    overview: (keyHash) =>
      readWithKey(sql, keyHash, async (transaction, { organizationId }) => {
        const [row] = await transaction<{ document: string | null }[]>`select public.overview(${organizationId})::text as document`;
        return row?.document ?? null;
      }),
    usageRequest: (keyHash, requestId) =>
      readWithKey(sql, keyHash, async (transaction, { organizationId }) => {
        const [row] = await transaction<{ document: string | null }[]>`
          select public.usage_request(${organizationId}, ${requestId})::text as document`;
        return row?.document ?? null;
      }),
  };
}
