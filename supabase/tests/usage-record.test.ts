import { randomUUID } from "node:crypto";
import { beforeAll, describe, expect, test } from "vitest";
import { recordUsage } from "../../lib/ingest/record-usage.ts";
import { as, hashOf, makeApiKey, makeOrganization } from "../../tests/support/people.ts";
import { type TestStack, testStack } from "../../tests/support/stack.ts";
import { differences, event, send } from "./usage-sending.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await testStack();
});

const day = 86_400_000;
const stored = (organizationId: string) =>
  stack.sql`select * from private.usage_records where organization_id = ${organizationId} order by request_id`;

async function tenant(scopes: ("ingest" | "admin" | "read")[] = ["ingest", "admin", "read"]) {
  const organization = await makeOrganization(stack);
  return { organization, key: await makeApiKey(stack, organization, { scopes }) };
}

describe("a request id counts once, for ever", () => {
  test("the same again is a duplicate, other content a conflict, and the first write stays", async () => {
    const { organization, key } = await tenant();
    const first = event({ request_id: "a", input_tokens: 100 });
    expect(await send(stack, key, [first])).toEqual(["accepted"]);
    expect(await send(stack, key, [first])).toEqual(["duplicate"]);
    expect(await send(stack, key, [event({ ...first, input_tokens: 101 })])).toEqual(["id_conflict"]);
    expect(await send(stack, key, [event({ ...first, timestamp: new Date(Date.now() - day).toISOString() })])).toEqual(["id_conflict"]);
    const rows = await stored(organization.id);
    expect(rows.map((row) => Number(row.fresh_input_tokens) + Number(row.cached_input_tokens))).toEqual([200]);
    expect(await differences(stack, organization)).toEqual([]);
  });

  test("within one batch too, and the good neighbours land", async () => {
    const { organization, key } = await tenant();
    const a = event({ request_id: "a" });
    const codes = await send(stack, key, [a, event({ request_id: "b" }), a, event({ ...a, output_tokens: 1 }), event({ request_id: "c" })]);
    expect(codes).toEqual(["accepted", "accepted", "duplicate", "id_conflict", "accepted"]);
    expect(await stored(organization.id)).toHaveLength(3);
    expect(await differences(stack, organization)).toEqual([]);
  });

  test("whichever key of the organization sends it, and for each organization by itself", async () => {
    const { organization, key } = await tenant();
    const other = await makeApiKey(stack, organization, { scopes: ["ingest"] });
    const stranger = await tenant();
    const a = event({ request_id: "a" });
    expect(await send(stack, key, [a])).toEqual(["accepted"]);
    expect(await send(stack, other, [a])).toEqual(["duplicate"]);
    expect(await send(stack, stranger.key, [a])).toEqual(["accepted"]);
  });

  test.each([
    ["metadata", { metadata: { a: 1 } }],
    ["tags", { tags: { team: "x" } }],
    ["raw_usage", { raw_usage: { prompt_tokens: 1 } }],
    ["user_id", { user_id: "u" }],
    ["feature", { feature: "f" }],
    ["status", { status: "error" }],
    ["zero instead of nothing", { reasoning_tokens: 0 }],
    ["web_search_calls", { web_search_calls: 1 }],
    ["session_id", { session_id: "s" }],
    ["time_to_first_token_ms", { time_to_first_token_ms: 5 }],
  ])("another %s is other content", async (_, change) => {
    const { key } = await tenant();
    const first = event({ request_id: "a" });
    await send(stack, key, [first]);
    expect(await send(stack, key, [event({ ...first, tags: undefined, metadata: undefined, raw_usage: undefined, ...change })])).toEqual([
      "id_conflict",
    ]);
  });
});

describe("who may send", () => {
  test("unknown, revoked and scope-less keys open nothing and leave the other submissions alone", async () => {
    const { organization, key } = await tenant();
    const reader = await makeApiKey(stack, organization, { scopes: ["read"] });
    const revoked = await makeApiKey(stack, organization, { scopes: ["ingest"] });
    await as(stack, organization.owner, (tx) => tx`select public.revoke_api_key(${organization.id}, ${revoked.id})`);
    const outcomes = await recordUsage(stack.sql, [
      { keyHash: hashOf("tt_live_unknown"), events: [event()] },
      { keyHash: key.hash, events: [event({ request_id: "kept" })] },
      { keyHash: reader.hash, events: [event()] },
      { keyHash: revoked.hash, events: [event()] },
      { keyHash: key.hash, events: [] },
    ]);
    expect(outcomes.map(({ outcome }) => outcome)).toEqual(["unauthenticated", "ok", "forbidden", "unauthenticated", "ok"]);
    expect(outcomes.map(({ organizationId }) => organizationId)).toEqual([null, organization.id, null, null, organization.id]);
    expect((await stored(organization.id)).map((row) => row.request_id)).toEqual(["kept"]);
  });

  test("source import asks for the scope admin", async () => {
    const { key } = await tenant(["ingest"]);
    await expect(send(stack, key, [event()], "import")).rejects.toThrow("forbidden");
  });

  test("the door's role may run it, and a signed-in person may not", async () => {
    const { organization } = await tenant();
    const privileges = await stack.sql`
      select r as role, has_function_privilege(r, p.oid, 'execute') as may
      from pg_proc p, unnest(array['tokentra_door', 'authenticated', 'anon', 'service_role']) r
      where p.proname = 'record_usage' and p.pronamespace = 'private'::regnamespace order by r`;
    expect(Object.fromEntries(privileges.map(({ role, may }) => [role, may]))).toEqual({
      anon: false,
      authenticated: false,
      service_role: false,
      tokentra_door: true,
    });
    await expect(as(stack, organization.owner, (tx) => tx`select * from private.usage_records`)).rejects.toThrow("permission denied");
  });
});

describe("what is stored", () => {
  test("team and project by id or slug, the project's team, the key's bindings; foreign ones are not found", async () => {
    const { organization } = await tenant();
    const stranger = await tenant();
    const [team] =
      await stack.sql`insert into public.teams (organization_id, slug, name) values (${organization.id}, 'search', 'Search') returning id`;
    const [project] = await stack.sql`
      insert into public.projects (organization_id, team_id, slug, name) values (${organization.id}, ${team!.id}, 'web', 'Web') returning id`;
    const [foreign] = await stack.sql`
      insert into public.teams (organization_id, slug, name) values (${stranger.organization.id}, 'secret', 'Secret') returning id`;
    const key = await makeApiKey(stack, organization, { scopes: ["ingest"], projectId: project!.id, environment: "production" });
    const codes = await send(stack, key, [
      event({ request_id: "1", team_id: "search" }),
      event({ request_id: "2", project_id: project!.id.toUpperCase() }),
      event({ request_id: "3", environment: "test" }),
      event({ request_id: "4", team_id: foreign!.id }),
      event({ request_id: "5", project_id: "nowhere" }),
    ]);
    expect(codes).toEqual(["accepted", "accepted", "accepted", "not_found", "not_found"]);
    const rows = await stored(organization.id);
    expect(rows.map((row) => [row.team_id, row.project_id, row.environment])).toEqual([
      [team!.id, project!.id, "production"],
      [team!.id, project!.id, "production"],
      [team!.id, project!.id, "test"],
    ]);
  });

  test("cost, status and receipt agree; unknown is unpriced and never zero", async () => {
    const { organization, key } = await tenant();
    await send(stack, key, [
      event({ request_id: "exact" }),
      event({ request_id: "unknown", model: `nobody-knows-${randomUUID()}` }),
      event({ request_id: "broken", input_tokens: 10, cached_input_tokens: 50 }),
      event({ request_id: "silent", input_tokens: undefined, cached_input_tokens: undefined, output_tokens: undefined }),
      event({ request_id: "failed", status: "error", input_tokens: 0, cached_input_tokens: 0, output_tokens: 0 }),
      event({ request_id: "cached", cache_hit: true }),
      event({ request_id: "guessed", is_estimated: true }),
    ]);
    const rows = await stack.sql`
      select request_id, cost_status, cost::text as cost from private.usage_records where organization_id = ${organization.id}`;
    expect(
      Object.fromEntries(rows.map((row) => [row.request_id, [row.cost_status, row.cost === null ? null : Number(row.cost) > 0]])),
    ).toEqual({
      exact: ["exact", true],
      unknown: ["unpriced", null],
      broken: ["partial", true],
      silent: ["partial", false],
      failed: ["exact", false],
      cached: ["exact", false],
      guessed: ["estimated", true],
    });
    for (const { request_id } of rows) {
      const [answer] = await as(
        stack,
        organization.owner,
        (tx) => tx`
          select d ->> 'cost' as cost, (select sum((l ->> 'amount')::numeric)::text from jsonb_array_elements(d -> 'receipt') l) as lines,
            (d ->> 'cost')::numeric is not distinct from
              coalesce((select sum((l ->> 'amount')::numeric) from jsonb_array_elements(d -> 'receipt') l), case when d ->> 'cost' is not null then 0 end) as agrees
          from public.usage_request(${organization.id}, ${request_id}) d`,
      );
      expect(answer, request_id).toMatchObject({ agrees: true });
    }
    expect(await differences(stack, organization)).toEqual([]);
  });

  test("instants keep their microseconds", async () => {
    const { organization, key } = await tenant();
    const instants = ["000001", "123456", "999999"].map((micros) =>
      `${new Date().toISOString().slice(0, 17)}07.${micros}Z`.replace(/:\d\d07\./, ":07."),
    );
    await send(
      stack,
      key,
      instants.map((timestamp, n) =>
        event({ request_id: `${n}`, timestamp: new Date(Date.now() - day).toISOString().slice(0, 17) + timestamp.slice(17) }),
      ),
    );
    const rows = await stack.sql`
      select to_char("timestamp" at time zone 'UTC', 'US') as micros from private.usage_records
      where organization_id = ${organization.id} order by request_id`;
    expect(rows.map(({ micros }) => micros)).toEqual(["000001", "123456", "999999"]);
  });
});

describe("when", () => {
  test("the past and the future are limited, and the neighbours land", async () => {
    const { organization, key } = await tenant();
    const at = (ms: number) => new Date(Date.now() + ms).toISOString();
    const codes = await send(stack, key, [
      event({ timestamp: at(-36 * day) }),
      event(),
      event({ timestamp: at(6 * 60_000) }),
      event({ timestamp: at(-34 * day) }),
    ]);
    expect(codes).toEqual(["timestamp_out_of_range", "accepted", "timestamp_out_of_range", "accepted"]);
    expect(await differences(stack, organization)).toEqual([]);
  });

  test("an import makes the partition it needs, from several sessions at once", async () => {
    const year = 2015 + Math.floor(Math.random() * 8);
    const month = `${1 + Math.floor(Math.random() * 12)}`.padStart(2, "0");
    const tenants = await Promise.all([tenant(), tenant(), tenant(), tenant()]);
    const codes = await Promise.all(
      tenants.map(({ key }) => send(stack, key, [event({ timestamp: `${year}-${month}-15T12:00:00Z` }), event()], "import")),
    );
    expect(codes.flat()).toEqual(Array(8).fill("accepted"));
    const [partition] = await stack.sql`
      select has_table_privilege('authenticated', c.oid, 'select') as leaks from pg_class c
      where c.oid = to_regclass(${`private.usage_records_${year}_${month}`})`;
    expect(partition).toEqual({ leaks: false });
    for (const { organization } of tenants) expect(await differences(stack, organization)).toEqual([]);
  });
});

test("one message per organization and batch announces what came", async () => {
  const { organization, key } = await tenant();
  const messages = () => stack.sql`select event, private from realtime.messages where topic = ${`organization:${organization.id}`}`;
  await send(stack, key, [event(), event(), event()]);
  expect(await messages()).toEqual([{ event: "usage", private: true }]);
  const again = event();
  await send(stack, key, [again]);
  await send(stack, key, [again]);
  expect(await messages()).toHaveLength(2);
});
