import { connect, type Socket } from "node:net";
import postgres, { type Sql } from "postgres";

export type DoorPoolOptions = {
  /** Connections at most. */
  max?: number;
  applicationName?: string;
  /** Milliseconds after which Postgres gives up on a statement; the caller gets 503. */
  statementTimeoutMs?: number;
};

/** What postgres.js hands to a socket factory, and what it reads back from the socket for TLS. */
type Address = { host: string[]; port: number[]; path?: string | false };
type AddressedSocket = Socket & { host?: string };

/**
 * The pool of the machine doors. Its sessions act as `tokentra_door`, which may execute a few functions and touches no table.
 * postgres.js leaves Nagle's algorithm on, which makes batches eight times slower: hence the socket factory. It hands out the
 * socket before it is connected (writes wait in it), because only so does a refused connection end in a clean retry.
 */
export function createDoorPool(databaseUrl: string, options: DoorPoolOptions = {}): Sql {
  const { max = 6, applicationName = "tokentra-door", statementTimeoutMs = 15_000 } = options;
  const settings = {
    max,
    connect_timeout: 5,
    idle_timeout: 0,
    onnotice: () => {},
    backoff: (attempts: number) => Math.min(0.05 * 2 ** attempts, 1),
    connection: {
      application_name: applicationName,
      role: "tokentra_door",
      statement_timeout: statementTimeoutMs,
      idle_in_transaction_session_timeout: statementTimeoutMs,
    },
    socket: ({ host, port, path }: Address): AddressedSocket => {
      if (path) return connect({ path });
      const name = host[0] ?? "127.0.0.1";
      return Object.assign(connect({ host: name, port: port[0] ?? 5432, noDelay: true }), { host: name });
    },
  };
  return postgres(databaseUrl, settings);
}
