import postgres, { type Sql } from "postgres";
import { inject } from "vitest";

/** Where the stack of this test run listens. */
export interface StackAddresses {
  supabaseUrl: string;
  publishableKey: string;
  secretKey: string;
  /** Role `postgres`: owner of our objects, no superuser. */
  databaseUrl: string;
  /** Superuser, for what only a local test may do (kill backends, plant corruption). */
  adminUrl: string;
  mailboxUrl: string;
  jwksUrl: string;
  /** Where the product of this run listens, once something asks for it; mails link there. */
  siteUrl: string;
}

export interface TestStack extends StackAddresses {
  /** Connection pool as role `postgres`, closed with the worker. */
  sql: Sql;
}

declare module "vitest" {
  interface ProvidedContext {
    stack: StackAddresses;
  }
}

let stack: TestStack | undefined;

/** The running local stack with schema and prices, shared by all tests of the run: every test makes its own organization in it. */
export async function testStack(): Promise<TestStack> {
  if (!stack) {
    const addresses = inject("stack");
    stack = { ...addresses, sql: postgres(addresses.databaseUrl, { max: 4, idle_timeout: 5, onnotice: () => {} }) };
  }
  return stack;
}
