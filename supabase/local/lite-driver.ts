import { type IPostgresConnectionConfig, PostgresConnection } from "@supabase/lite/postgres";
import type { ParameterOrJSON, ReservedSql, Sql } from "postgres";

/** A pool that is thrown away as a whole when one of its connections breaks. */
type Generation = { sql: Sql; failed: Promise<never>; isLost: boolean };

/**
 * lite's connection with two corrections to what it gets from postgres.js, on which it reserves a connection per statement:
 * booleans and arrays are sent without a guessed type, or `true` could not be stored in a jsonb column;
 * and when a connection breaks (Postgres killed, backend terminated) everything under way is rejected and a new pool begins.
 * postgres.js would accept statements on the broken connection, never answer them, throw outside of any promise, and hand
 * the connection out again.
 */
export function correctedConnection(config: IPostgresConnectionConfig): { connection: PostgresConnection; close(): Promise<void> } {
  let current: Generation | null = null;

  const begin = (): Generation => {
    let fail = (_error: unknown) => {};
    const failed = new Promise<never>((_, reject) => {
      fail = reject;
    });
    failed.catch(() => {});
    const onclose = () => {
      if (generation.isLost) return;
      generation.isLost = true;
      if (current === generation) current = null;
      fail(Object.assign(new Error("The connection to the database was lost."), { code: "CONNECTION_LOST" }));
      generation.sql.end({ timeout: 0 }).catch(() => {});
    };
    // Without a lifetime a connection that closes is always one that broke.
    const postgresOptions = { ...config.postgresOptions, max_lifetime: null, onclose };
    const generation: Generation = { sql: new PostgresConnection({ ...config, postgresOptions }).driver, failed, isLost: false };
    return generation;
  };

  // Never connects itself: its reservations come from the current generation.
  const connection = new PostgresConnection(config);
  connection.driver.reserve = async () => {
    current ??= begin();
    const generation = current;
    return guarded(generation, await Promise.race([generation.sql.reserve(), generation.failed]));
  };
  return {
    connection,
    close: async () => {
      await current?.sql.end({ timeout: 1 });
    },
  };
}

function guarded(generation: Generation, reserved: ReservedSql): ReservedSql {
  const unsafe = (text: string, parameters: ParameterOrJSON<never>[] = []) => {
    if (generation.isLost) return generation.failed;
    const query = reserved.unsafe(
      text,
      parameters.map((value) => withoutGuess(generation.sql, value)),
    );
    return Promise.race([query, generation.failed]);
  };
  const release = () => {
    if (!generation.isLost) reserved.release();
  };
  // All that lite's query builder uses of a reserved connection.
  return { unsafe, release } as unknown as ReservedSql;
}

/** Type 0 leaves the type to the server, which knows the column or argument. */
function withoutGuess(sql: Sql, value: ParameterOrJSON<never>): ParameterOrJSON<never> {
  return typeof value === "boolean" || Array.isArray(value) ? sql.typed(value as never, 0) : value;
}
