import type { ParameterOrJSON, ReservedSql, Sql } from "postgres";
import { isConnectionLost } from "./lost-connections.ts";

/**
 * lite runs every statement on a connection it reserves. Two corrections to what it gets from postgres.js there:
 * booleans and arrays are sent without a guessed type, or `true` could not be stored in a jsonb column;
 * and a connection that broke answers every later call with its error and is not given back. postgres.js would hand it
 * out again, and the next query on it would end the process or wait for ever. The pool opens a new one instead.
 */
export function correctReserved(sql: Sql): void {
  const reserve = sql.reserve.bind(sql);
  sql.reserve = async () => {
    const connection = await reserve();
    let lost: unknown = null;
    const unsafe = (text: string, parameters: ParameterOrJSON<never>[] = []) => {
      if (lost) return Promise.reject(lost);
      const query = connection.unsafe(
        text,
        parameters.map((value) => withoutGuess(sql, value)),
      );
      query.catch((error: unknown) => {
        if (isConnectionLost(error)) lost = error;
      });
      return query;
    };
    const release = () => {
      if (!lost) connection.release();
    };
    // All that lite's query builder uses of a reserved connection.
    return { unsafe, release } as unknown as ReservedSql;
  };
}

/** Type 0 leaves the type to the server, which knows the column or argument. */
function withoutGuess(sql: Sql, value: ParameterOrJSON<never>): ParameterOrJSON<never> {
  return typeof value === "boolean" || Array.isArray(value) ? sql.typed(value as never, 0) : value;
}
