// What a policy on realtime.messages lets somebody do with a private channel. The policy is asked with probe rows in a transaction
// that is always rolled back: reading means seeing a row of that topic, writing means being able to insert one.
import { randomUUID } from "node:crypto";
import postgres, { type Sql, type TransactionSql } from "postgres";
import type { Identity } from "./identity.ts";

type Extension = "broadcast" | "presence";
export type Permissions = Record<Extension, boolean>;
export type Question = { identity: Identity; topic: string };

const EXTENSIONS: Extension[] = ["broadcast", "presence"];

class Rollback extends Error {}

/** Makes the rest of the transaction run as that person, with what policies may look at. Costs one round trip. */
export function assume(tx: TransactionSql, { claims, headers }: Identity, topic: string) {
  return tx`
    select set_config('role', ${claims.role}, true), set_config('realtime.topic', ${topic}, true),
      set_config('request.jwt.claims', ${JSON.stringify(claims)}, true), set_config('request.jwt.claim.sub', ${claims.sub ?? ""}, true),
      set_config('request.jwt.claim.role', ${claims.role}, true), set_config('request.headers', ${JSON.stringify(headers)}, true),
      set_config('statement_timeout', '5s', true)`;
}

async function rolledBack<T>(sql: Sql, work: (tx: TransactionSql) => Promise<T>): Promise<T> {
  let result: { value: T } | undefined;
  await sql
    .begin(async (tx) => {
      result = { value: await work(tx) };
      throw new Rollback();
    })
    .catch((error: unknown) => {
      if (!(error instanceof Rollback)) throw error;
    });
  return result!.value;
}

/** Answers many read questions in one transaction; the statements of all of them are pipelined. */
export async function readPermissions(sql: Sql, questions: Question[]): Promise<Permissions[]> {
  if (questions.length === 0) return [];
  const probes = questions.map(({ topic }) => EXTENSIONS.map((extension) => ({ id: randomUUID(), topic, extension })));
  return rolledBack(sql, async (tx) => {
    await tx`insert into realtime.messages ${tx(probes.flat())}`;
    const answers = questions.map(async ({ identity, topic }, index) => {
      const ids = probes[index]!.map((probe) => probe.id);
      const [, rows] = await Promise.all([
        assume(tx, identity, topic),
        tx<{ extension: Extension }[]>`select extension from realtime.messages where id = any(${ids}::uuid[])`,
      ]);
      const seen = new Set(rows.map((row) => row.extension));
      return { broadcast: seen.has("broadcast"), presence: seen.has("presence") };
    });
    return Promise.all(answers);
  });
}

/** Whether the person may broadcast and be present on the topic. A refusal by policy is an answer, any other error is thrown. */
export async function writePermissions(sql: Sql, { identity, topic }: Question): Promise<Permissions> {
  return rolledBack(sql, async (tx) => {
    await assume(tx, identity, topic);
    const permissions: Permissions = { broadcast: false, presence: false };
    for (const extension of EXTENSIONS) {
      permissions[extension] = await tx
        .savepoint(async (nested) => {
          await nested`insert into realtime.messages (topic, extension) values (${topic}, ${extension})`;
          return true;
        })
        .catch((error: unknown) => {
          if (sqlStateOf(error) === "42501") return false;
          throw error;
        });
    }
    return permissions;
  });
}

/** The SQLSTATE of an error the database itself reported; undefined for a lost connection or anything else. */
export function sqlStateOf(error: unknown): string | undefined {
  return error instanceof postgres.PostgresError ? error.code : undefined;
}
