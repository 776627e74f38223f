// Files through the real command, the real doors and the real database: every row once, whatever happens on the way.
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Decimal } from "decimal.js";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import { type DoorProcess, startDoorProcess } from "../support/door-process.ts";
import { fixturePath } from "../support/import-files.ts";
import { differences, recordOf, usageEvent } from "../support/ingest-cases.ts";
import { as, makeApiKey, makeMember, makeOrganization, type Organization } from "../support/people.ts";
import { type TestStack, testStack } from "../support/stack.ts";
import { startCommand } from "../support/tokentra-command.ts";

// Every step is a process of its own, on a machine that may have much to do.
vi.setConfig({ testTimeout: 240_000 });

let stack: TestStack;
let door: DoorProcess;
let folder: string;

beforeAll(async () => {
  stack = await testStack();
  door = await startDoorProcess(stack);
  folder = await mkdtemp(join(tmpdir(), "tokentra-imports-"));
});
afterAll(async () => {
  await door?.stop();
  await rm(folder, { recursive: true, force: true });
});

const importer = async (organization: Organization) => (await makeApiKey(stack, organization, { scopes: ["admin"] })).key;
const run = (key: string, ...args: string[]) => startCommand(["import", ...args, "--json"], { url: door.url, key }).ended;

async function stored(organization: Organization): Promise<{ records: number; tokens: string }> {
  const [row] = await stack.sql<{ records: number; tokens: string }[]>`
    select count(*)::int as records, coalesce(sum(fresh_input_tokens + cached_input_tokens), 0)::text as tokens
    from private.usage_records where organization_id = ${organization.id}`;
  return row!;
}

const ownRow = (index: number, change: Record<string, unknown> = {}) =>
  JSON.stringify({
    request_id: `row-${index}`,
    timestamp: "2026-09-01T10:00:00Z",
    provider: "openai",
    model: "gpt-4o",
    input_tokens: index,
    output_tokens: 1,
    ...change,
  });

async function fileWith(name: string, rows: string[]): Promise<string> {
  const path = join(folder, name);
  await writeFile(path, `${rows.join("\n")}\n`);
  return path;
}

test("a file imported twice is stored once, and broken rows are named by line while good ones land", async () => {
  const organization = await makeOrganization(stack);
  const key = await importer(organization);
  const rows = Array.from({ length: 1_500 }, (_, index) => ownRow(index));
  rows.splice(700, 0, "no json", ownRow(1, { model: "" }), ownRow(2, { input_tokens: -1 }), ownRow(3, { input_tokens: 999 }));
  const path = await fileWith("twice.jsonl", rows);

  const first = await run(key, path);
  expect(first.document).toMatchObject({ status: "done", rows_read: 1_504, accepted: 1_500, duplicates: 0, rejected: 4 });
  expect(first.document!.problems.map(({ line, code }) => [line, code])).toEqual([
    [701, "unreadable"],
    [702, "invalid"],
    [703, "invalid"],
    [704, "id_conflict"],
  ]);
  expect(first.code).toBe(2);
  const second = await run(key, path);
  expect(second.document).toMatchObject({ accepted: 0, duplicates: 1_500, rejected: 4 });
  expect(await stored(organization)).toEqual({ records: 1_500, tokens: String((1_499 * 1_500) / 2) });
  expect(await differences(stack, organization)).toEqual([]);
});

test("rows without an id of their own: the same file again is the same rows, equal rows in it stay two", async () => {
  const organization = await makeOrganization(stack);
  const key = await importer(organization);
  const row = JSON.stringify({ timestamp: "2026-09-01T10:00:00Z", model: "gpt-4o", input_tokens: 5, output_tokens: 1 });
  expect((await run(key, await fileWith("a.jsonl", [row, row]))).document).toMatchObject({ accepted: 2 });
  expect((await run(key, await fileWith("renamed.jsonl", [row, row]))).document).toMatchObject({ accepted: 0, duplicates: 2 });
});

test("kill -9 in the middle, and again: the next run goes on, and every row is there exactly once", async () => {
  const organization = await makeOrganization(stack);
  const key = await importer(organization);
  const total = 12_000;
  const path = await fileWith(
    "killed.jsonl",
    Array.from({ length: total }, (_, index) => ownRow(index)),
  );
  const reached: number[] = [];
  for (let kill = 0; kill < 2; kill++) {
    const before = (await stored(organization)).records;
    const { child, ended } = startCommand(["import", path, "--json"], { url: door.url, key });
    await expect.poll(async () => (await stored(organization)).records, { timeout: 30_000, interval: 20 }).toBeGreaterThan(before + 1_000);
    child.kill("SIGKILL");
    expect((await ended).code).toBeNull();
    reached.push((await stored(organization)).records);
  }
  expect(reached.at(-1)).toBeLessThan(total);
  const { document } = await run(key, path);
  expect(document).toMatchObject({ status: "done", rows_read: total, rejected: 0 });
  // One import the whole way: it went on, and met again only what was stored but not yet noted.
  expect(document!.accepted + document!.duplicates).toBe(total);
  expect(document!.duplicates).toBeLessThanOrEqual(4_000);
  expect(await stored(organization)).toEqual({ records: total, tokens: String((total * (total - 1)) / 2) });
  expect(await differences(stack, organization)).toEqual([]);
});

test("a server that goes away and comes back costs time, not rows", async () => {
  const organization = await makeOrganization(stack);
  const key = await importer(organization);
  let flaky = await startDoorProcess(stack);
  const path = await fileWith(
    "restart.jsonl",
    Array.from({ length: 6_000 }, (_, index) => ownRow(index)),
  );
  const { ended } = startCommand(["import", path, "--json"], { url: flaky.url, key });
  await expect.poll(async () => (await stored(organization)).records, { timeout: 30_000, interval: 20 }).toBeGreaterThan(1_000);
  await flaky.stop("SIGKILL");
  flaky = await startDoorProcess(stack, { port: flaky.port });
  const { document } = await ended;
  await flaky.stop();
  expect(document).toMatchObject({ status: "done", rows_read: 6_000, rejected: 0 });
  expect((await stored(organization)).records).toBe(6_000);
});

test("a file larger than the memory it is given goes through", async () => {
  const organization = await makeOrganization(stack);
  const key = await importer(organization);
  const padding = "x".repeat(3_000);
  const path = await fileWith(
    "large.jsonl",
    Array.from({ length: 20_000 }, (_, index) => ownRow(index, { ignored: padding })),
  );
  const limited = startCommand(["import", path, "--json"], { url: door.url, key, nodeOptions: ["--max-old-space-size=40"] });
  expect((await limited.ended).document).toMatchObject({ status: "done", accepted: 20_000 });
});

test("a dry run stores nothing and says, per model, what differs and why", async () => {
  const organization = await makeOrganization(stack);
  const key = await importer(organization);
  const call = (index: number, cost: string | null, change: Record<string, unknown> = {}) =>
    ownRow(index, { timestamp: "2025-06-01T00:00:00Z", input_tokens: 1_000, output_tokens: 100, cost, ...change });
  // gpt-4o in June 2025: 2.50, 1.25 (cached) and 10.00 dollars per million tokens; batch is half of it.
  const path = await fileWith("dry.jsonl", [
    call(1, "0.0035"),
    call(2, "0.00175"),
    call(3, "0.0035", { cached_input_tokens: 500 }),
    call(4, "0.0027"),
    call(5, "0.5"),
    call(6, "0.5", { model: "nobody-knows-it" }),
    call(7, null),
    call(8, "0"),
    call(9, "0.004"),
  ]);
  const { document } = await run(key, path, "--dry-run");
  const found = new Map(document!.comparison.map((line) => [line.reason, [line.their_cost, line.our_cost, line.difference]]));
  const ours = new Decimal("2.5").times(1_000).plus(new Decimal(10).times(100)).div(1_000_000).toString();
  expect(ours).toBe("0.0035");
  expect(Object.fromEntries(found)).toEqual({
    equal: ["0.0035", ours, "0"],
    tier: ["0.00175", ours, "0.00175"],
    cache_ignored: ["0.0035", "0.002875", "-0.000625"],
    cache_missing: ["0.0027", ours, "0.0008"],
    rate: ["0.5", ours, "-0.4965"],
    unpriced: ["0.5", null, null],
    no_cost: [null, ours, null],
    their_zero: ["0", ours, "0.0035"],
    rounding: ["0.004", ours, "-0.0005"],
  });
  // Totals compare what has both.
  expect(document!.totals).toMatchObject({ difference: "-0.491575" });
  expect(document).toMatchObject({ is_dry_run: true, accepted: 9 });
  expect((await stored(organization)).records).toBe(0);
  expect((await run(key, path)).document).toMatchObject({ accepted: 9, comparison: [] });
});

test("a provider's count of traffic that is tracked already is left out, unless it is asked for", async () => {
  const organization = await makeOrganization(stack);
  const key = await importer(organization);
  const tracker = await makeApiKey(stack, organization, { scopes: ["ingest"] });
  const day = new Date(Date.now() - 3 * 86_400_000).toISOString().slice(0, 10);
  const sent = await fetch(`${door.url}/api/sdk/v1/track`, {
    method: "POST",
    headers: { authorization: `Bearer ${tracker.key}`, "content-type": "application/json" },
    body: JSON.stringify({ events: [usageEvent({ model: "gpt-4o-mini", timestamp: `${day}T12:00:00Z` })] }),
  });
  expect(await sent.json()).toMatchObject({ accepted: 1 });
  const start = Date.parse(`${day}T00:00:00Z`) / 1000;
  const bucket = (model: string, from: number) => `${from},${from + 86_400},5,5000,500,100,${model},False,default`;
  const path = await fileWith("openai.csv", [
    "start_time,end_time,num_model_requests,input_tokens,output_tokens,input_cached_tokens,model,batch,service_tier",
    bucket("gpt-4o-mini", start),
    bucket("gpt-4o-mini", start - 86_400),
    bucket("gpt-4.1", start),
  ]);
  const { document } = await run(key, path);
  expect(document).toMatchObject({ accepted: 2, skipped: 1, problems: [{ line: 2, code: "already_tracked" }] });
  expect((await run(key, path)).document).toMatchObject({ accepted: 0, duplicates: 2, skipped: 1 });
  expect((await run(key, path, "--include-tracked")).document).toMatchObject({ accepted: 1, duplicates: 2, skipped: 0 });
});

test("a mapping is remembered for files with the same columns", async () => {
  const organization = await makeOrganization(stack);
  const key = await importer(organization);
  const path = fixturePath("own-columns.csv");
  const map = [
    "timestamp=When",
    "model=Which model",
    "input_tokens=Prompt",
    "output_tokens=Completion",
    "cost=Paid",
    "feature=Team",
    "provider==azure",
  ];
  expect((await run(key, path, "--adapter", "tokentra")).document).toMatchObject({ accepted: 0, rejected: 2 });
  expect((await run(key, path, ...map.flatMap((pair) => ["--map", pair]))).document).toMatchObject({ accepted: 2 });
  const again = await run(key, path);
  expect(again.document).toMatchObject({ duplicates: 2, mapping: { input_tokens: "Prompt", provider: "=azure" } });
  const id = await stack.sql<{ request_id: string }[]>`
    select request_id from private.usage_records where organization_id = ${organization.id} order by request_id limit 1`;
  expect(await recordOf(stack, organization, id[0]!.request_id)).toMatchObject({ provider: "azure", feature: "growth", source: "import" });
});

test("every kind of fixture lands through the door, and a second time changes nothing", async () => {
  const organization = await makeOrganization(stack);
  const key = await importer(organization);
  const files = [
    "tokentra.jsonl",
    "litellm.csv",
    "helicone.jsonl",
    "helicone.csv",
    "langfuse.csv",
    "openai.csv",
    "openai.json",
    "anthropic.csv",
    "anthropic.json",
    "focus.csv",
  ];
  let total = 0;
  for (const name of files) {
    const first = (await run(key, fixturePath(name))).document!;
    const second = (await run(key, fixturePath(name))).document!;
    expect([name, first.accepted > 0, second.accepted, second.duplicates]).toEqual([name, true, 0, first.accepted]);
    total += first.accepted;
  }
  expect((await stored(organization)).records).toBe(total);
  expect(await differences(stack, organization)).toEqual([]);
});

test("what stops an import is said in a sentence: a key without the scope, no such file, no such adapter", async () => {
  const organization = await makeOrganization(stack);
  const weak = await makeApiKey(stack, organization, { scopes: ["ingest", "read"] });
  const refused = await run(weak.key, fixturePath("litellm.csv"));
  expect([refused.code, refused.stderr]).toEqual([1, expect.stringContaining("lacks the scope admin")]);
  const key = await importer(organization);
  expect((await run(key, join(folder, "nothing.csv"))).stderr).toContain("There is no file");
  expect((await run(key, fixturePath("litellm.csv"), "--adapter", "what")).stderr).toContain("Known: focus, litellm");
});

test("the key of an import in the browser ends with the import, and with the membership of who made it", async () => {
  const organization = await makeOrganization(stack);
  const admin = await makeMember(stack, organization, "admin");
  const make = async () => {
    const [made] = await as(
      stack,
      admin,
      (tx) => tx<{ id: string; key: string; minutes: number }[]>`
        select id, key, extract(epoch from expires_at - now())::int / 60 as minutes from public.create_import_key(${organization.id}, 'a.csv')`,
    );
    return made!;
  };
  const isOpen = async ({ id }: { id: string }) => {
    const [row] = await stack.sql<
      { open: boolean }[]
    >`select revoked_at is null and expires_at > now() as open from public.api_keys where id = ${id}`;
    return row!.open;
  };
  const first = await make();
  expect(first.minutes).toBe(15);
  expect((await run(first.key, fixturePath("litellm.csv"))).document).toMatchObject({ status: "done", accepted: 3 });
  expect(await isOpen(first)).toBe(false);
  expect((await run(first.key, fixturePath("litellm.csv"))).stderr).toContain("unauthenticated");
  const [made] = await stack.sql<
    { created_by: string }[]
  >`select created_by from public.imports where organization_id = ${organization.id}`;
  expect(made!.created_by).toBe(admin.id);

  const second = await make();
  expect(await isOpen(second)).toBe(true);
  await as(stack, organization.owner, (tx) => tx`select public.set_member_role(${organization.id}, ${admin.id}, 'member')`);
  expect(await isOpen(second)).toBe(false);
  const log = await stack.sql<{ action: string; entity_label: string }[]>`
    select action, entity_label from public.audit_log where organization_id = ${organization.id} and entity_type = 'import' order by occurred_at`;
  expect(log).toEqual([
    { action: "import.created", entity_label: "litellm.csv" },
    { action: "import.updated", entity_label: "litellm.csv" },
  ]);
});

test("an import of somebody else is not there", async () => {
  const [here, there] = [await makeOrganization(stack), await makeOrganization(stack)];
  const { document } = await run(await importer(there), fixturePath("litellm.csv"));
  const headers = { authorization: `Bearer ${await importer(here)}`, "content-type": "application/json" };
  const finish = (id: string) =>
    fetch(`${door.url}/api/v1/imports/${id}/finish`, { method: "POST", headers, body: '{"status":"failed","message":null}' });
  const [foreign, missing, odd] = [await finish(document!.id), await finish(crypto.randomUUID()), await finish("x")];
  expect([foreign.status, missing.status, odd.status]).toEqual([404, 404, 404]);
  const plain = async (response: Response) => ((await response.json()) as { error: { message: string } }).error.message;
  expect(await plain(foreign)).toBe(await plain(missing));
});
