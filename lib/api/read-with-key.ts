import type { Sql, TransactionSql } from "postgres";
import { AppError } from "../core/errors.ts";

/** The caller behind a key, as the database knows it. */
export type KeyHolder = { organizationId: string; apiKeyId: string };

/**
 * Opens a transaction as the holder of a key with scope `read` and asks one question in it. The organization comes from the key,
 * and the question's own policies check it again.
 * @throws AppError `unauthenticated` or `forbidden`
 */
export async function readWithKey<T>(
  sql: Sql,
  keyHash: Uint8Array,
  ask: (transaction: TransactionSql, holder: KeyHolder) => Promise<T>,
): Promise<{ holder: KeyHolder; answer: T }> {
  const opened = await sql.begin(async (transaction) => {
    const [key] = await transaction<{ outcome: string; organization_id: string; api_key_id: string }[]>`
      select outcome, organization_id, api_key_id from private.use_api_key(${keyHash}, 'read')`;
    if (key?.outcome === "forbidden") throw new AppError("forbidden", "This key lacks the scope read.");
    if (key?.outcome !== "ok") throw new AppError("unauthenticated");
    // From here on as people ask: the door's own role may ask nothing, and row-level security sees the key and nobody else.
    await transaction`set local role authenticated`;
    const holder = { organizationId: key.organization_id, apiKeyId: key.api_key_id };
    return { holder, answer: await ask(transaction, holder) };
  });
  return opened as { holder: KeyHolder; answer: T };
}
