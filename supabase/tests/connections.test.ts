import { afterEach, beforeAll, describe, expect, it } from "vitest";
import { createSyncStore } from "../../lib/providers/sync-store.ts";
import {
  type BillingQuestion,
  type OpenAiCall,
  type OpenAiCost,
  openAiBilling,
  startBillingVendor,
} from "../../tests/support/billing-vendor.ts";
import { as, makeMember, makeOrganization, type Organization, signedIn, tryAs } from "../../tests/support/people.ts";
import { type TestStack, testStack } from "../../tests/support/stack.ts";
import { makeConnection, sync } from "./billing-sync.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await testStack();
});
const servers: { close: () => Promise<void> }[] = [];
afterEach(async () => {
  for (const server of servers.splice(0)) await server.close();
});

const day = (ago: number) => new Date(Date.now() - ago * 86_400_000).toISOString().slice(0, 10);
const calls: OpenAiCall[] = Array.from({ length: 30 }, (_, ago) => ({
  day: day(ago),
  key: "key_1",
  model: "gpt-4o",
  input: 100,
  cached: 0,
  output: 10,
}));
const costs: OpenAiCost[] = calls.map((call) => ({ day: call.day, key: "key_1", line: "gpt-4o, input", amount: "0.00025" }));

async function vendor(answer: Parameters<typeof startBillingVendor>[0]) {
  const server = await startBillingVendor(answer);
  servers.push(server);
  return { openai: { api: server.url } };
}

const state = async (organization: Organization) =>
  (
    await as(
      stack,
      organization.owner,
      (tx) => tx`select status, error_code, error_message, failures, days_done, days_total, last_synced_at is not null as was_synced,
        next_at > now() as waits, extract(epoch from next_at - now())::integer as seconds from public.list_connections(${organization.id})`,
    )
  )[0]!;
const billed = async (organization: Organization) =>
  (
    await stack.sql`
      select count(*)::integer as lines, coalesce(sum(amount), 0)::text as amount from private.provider_cost_lines where organization_id = ${organization.id}`
  )[0]!;
const dueNow = (organization: Organization) =>
  stack.sql`update private.connection_syncs set next_at = now() where organization_id = ${organization.id}`;

describe("the credential", () => {
  it("is sealed in the Vault and reaches nobody but the worker", async () => {
    const organization = await makeOrganization(stack);
    const id = await makeConnection(stack, organization, { credential: "sk-admin-very-secret-9876" });
    const client = await signedIn(stack, organization.owner);
    const listed = await client.rpc("list_connections", { p_organization_id: organization.id });
    const rows = await client.from("connections").select("*").eq("organization_id", organization.id);
    const audit = await client.from("audit_log").select("*").eq("organization_id", organization.id);
    expect([listed.data, rows.data].map((data) => data?.length)).toEqual([1, 1]);
    expect(JSON.stringify([listed.data, rows.data, audit.data])).not.toContain("very-secret");
    expect(listed.data[0]).toMatchObject({ key_hint: "9876", status: "pending" });
    const [sealed] = await stack.sql`select secret, decrypted_secret from vault.decrypted_secrets where name = ${`connection:${id}`}`;
    expect(sealed!.decrypted_secret).toBe("sk-admin-very-secret-9876");
    expect(sealed!.secret).not.toContain("very-secret");
    for (const role of ["owner", "admin", "billing"] as const) {
      const person = role === "owner" ? organization.owner : await makeMember(stack, organization, role);
      for (const forbidden of ["private.claim_syncs()", "vault.decrypted_secrets", "private.connection_syncs"])
        await expect(tryAs(stack, person, (tx) => tx.unsafe(`select * from ${forbidden}`))).rejects.toMatchObject({ code: "42501" });
    }
    const [claim] = await createSyncStore(stack.sql, organization.id).claim(1);
    expect(claim).toMatchObject({ connectionId: id, credential: "sk-admin-very-secret-9876" });
  });

  it("is replaced by rotation, which ends a sync that holds the old one, and goes with its connection", async () => {
    const organization = await makeOrganization(stack);
    const id = await makeConnection(stack, organization, { credential: "sk-admin-old-1111" });
    const store = createSyncStore(stack.sql, organization.id);
    const [zombie] = await store.claim(1);
    await as(
      stack,
      organization.owner,
      (tx) => tx`select public.rotate_connection(${organization.id}, ${id}, 'sk-admin-new-2222', '2222')`,
    );
    expect(await store.store(zombie!, { usage: [], costs: [] })).toBeNull();
    await store.fail(zombie!, "credential", "too late", null);
    expect(await state(organization)).toMatchObject({ status: "pending", failures: 0 });
    expect((await store.claim(1))[0]!.credential).toBe("sk-admin-new-2222");
    await as(stack, organization.owner, (tx) => tx`select public.remove_connection(${organization.id}, ${id})`);
    expect(await stack.sql`select from vault.secrets where name = ${`connection:${id}`}`).toHaveLength(0);
  });

  it("goes with its organization", async () => {
    const organization = await makeOrganization(stack);
    const id = await makeConnection(stack, organization);
    await stack.sql`select private.erase_organization(${organization.id})`;
    expect(await stack.sql`select from vault.secrets where name = ${`connection:${id}`}`).toHaveLength(0);
  });
});

describe("a sync", { timeout: 120_000 }, () => {
  it("is claimed once, passes over what is paused, and comes back when its worker dies", async () => {
    const organization = await makeOrganization(stack);
    const id = await makeConnection(stack, organization);
    const store = createSyncStore(stack.sql, organization.id);
    const claims = (await Promise.all([store.claim(5), store.claim(5), store.claim(5)])).flat();
    expect(claims).toHaveLength(1);
    await stack.sql`update private.connection_syncs set lease_until = now() - interval '1 second' where connection_id = ${id}`;
    expect(await store.claim(1)).toHaveLength(1);
    expect(await store.store(claims[0]!, { usage: [], costs: [] })).toBeNull();
    await as(stack, organization.owner, (tx) => tx`select public.pause_connection(${organization.id}, ${id}, true)`);
    await stack.sql`update private.connection_syncs set lease_until = null where connection_id = ${id}`;
    expect(await store.claim(1)).toHaveLength(0);
  });

  it("keeps what it had when the credential expires half-way, and goes on from there with a new one: nothing lost, nothing doubled", async () => {
    const organization = await makeOrganization(stack);
    const id = await makeConnection(stack, organization);
    const answer = openAiBilling(calls, costs);
    let left = 25;
    const expiring = await vendor((question: BillingQuestion) =>
      question.headers.authorization === "Bearer sk-admin-test-0000" && left-- <= 0
        ? { status: 401, body: { error: { message: "The key has expired." } } }
        : answer(question),
    );
    expect(await sync(stack, organization, expiring)).toEqual({ windows: expect.any(Number), failures: 1 });
    const half = await state(organization);
    expect(half).toMatchObject({ status: "error", error_code: "credential", failures: 1, was_synced: true, waits: true });
    expect(half.error_message).toBe("OpenAI refuses the credential: it is wrong, expired or revoked. It says: The key has expired.");
    expect(half.days_done).toBeGreaterThan(0);
    expect(half.days_done).toBeLessThan(half.days_total);
    const before = await billed(organization);
    expect(before.lines).toBeGreaterThan(0);
    await as(
      stack,
      organization.owner,
      (tx) => tx`select public.rotate_connection(${organization.id}, ${id}, 'sk-admin-new-0001', '0001')`,
    );
    expect((await sync(stack, organization, expiring)).failures).toBe(0);
    expect(await state(organization)).toMatchObject({ status: "connected", error_code: null, days_done: 32, days_total: 32 });
    expect(await billed(organization)).toEqual({ lines: 30, amount: "0.00750" });
    await dueNow(organization);
    await sync(stack, organization, expiring);
    expect(await billed(organization)).toEqual({ lines: 30, amount: "0.00750" });
  });

  it("stores nothing of an answer whose shape changed, says where, and backs off longer each time, as long as the provider asks at least", async () => {
    const organization = await makeOrganization(stack);
    await makeConnection(stack, organization);
    const changed = await vendor(({ path }) => ({
      body: path.endsWith("/costs")
        ? { object: "page", data: [{ start_time: "2026-11-01", results: [] }], has_more: false }
        : { data: [], has_more: false },
    }));
    const waits: number[] = [];
    for (let failure = 1; failure <= 3; failure++) {
      await dueNow(organization);
      await sync(stack, organization, changed);
      const now = await state(organization);
      expect(now).toMatchObject({ status: "error", error_code: "malformed", failures: failure });
      expect(now.error_message).toContain("data.0.start_time");
      waits.push(now.seconds);
      expect(now.seconds).toBeGreaterThanOrEqual(900 * 2 ** (failure - 1) * 0.75 - 5);
      expect(now.seconds).toBeLessThanOrEqual(900 * 2 ** (failure - 1) * 1.25);
    }
    expect(waits[2]!).toBeGreaterThan(waits[0]!);
    expect(await billed(organization)).toEqual({ lines: 0, amount: "0" });
    await dueNow(organization);
    await sync(stack, organization, await vendor(() => ({ status: 429, headers: { "retry-after": "30000" }, body: {} })));
    const limited = await state(organization);
    expect(limited).toMatchObject({ error_code: "rate_limited" });
    expect(limited.seconds).toBeGreaterThan(29_900);
  });

  it("replaces days that the provider corrected, and forgets lines it took back", async () => {
    const organization = await makeOrganization(stack);
    await makeConnection(stack, organization);
    await sync(stack, organization, await vendor(openAiBilling(calls, costs)));
    const corrected = costs.filter((cost) => cost.day !== day(1)).map((cost) => (cost.day === day(0) ? { ...cost, amount: "0.5" } : cost));
    await dueNow(organization);
    await sync(stack, organization, await vendor(openAiBilling(calls, corrected)));
    expect(await billed(organization)).toEqual({ lines: 29, amount: "0.50700" });
  });
});

describe("the scheduler", () => {
  it("gives out a token that opens once", async () => {
    const token = crypto.randomUUID();
    await stack.sql`insert into private.sync_calls (token_hash) values (sha256(convert_to(${token}, 'UTF8')))`;
    const open = async () => (await stack.sql`select private.open_sync_call(${token}) as is_open`)[0]!.is_open;
    expect([await open(), await open()]).toEqual([true, false]);
    expect((await stack.sql`select private.open_sync_call('never given') as is_open`)[0]!.is_open).toBe(false);
  });

  it("runs every 15 minutes, and calls nobody where the Vault names no project", async () => {
    const jobs = await stack.sql`select jobname, schedule from cron.job where jobname like 'sync-connections%' order by jobname`;
    expect(jobs).toEqual([
      { jobname: "sync-connections", schedule: "*/15 * * * *" },
      { jobname: "sync-connections-backlog", schedule: "* * * * *" },
    ]);
    expect((await stack.sql`select private.call_sync_worker() as call`)[0]!.call).toBeNull();
  });
});
