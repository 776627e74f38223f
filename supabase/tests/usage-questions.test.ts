import { randomUUID } from "node:crypto";
import { assert, asyncProperty, constantFrom, integer, record, uniqueArray } from "fast-check";
import { beforeAll, describe, expect, test } from "vitest";
import { type ApiKey, as, makeApiKey, makeMember, makeOrganization, type Organization } from "../../tests/support/people.ts";
import { type TestStack, testStack } from "../../tests/support/stack.ts";
import { event, send } from "./usage-sending.ts";

let stack: TestStack;
let organization: Organization;
let keys: ApiKey[];
let teams: string[];
const hour = 3_600_000;
const now = Date.now();

const models = [
  ["openai", "gpt-4o"],
  ["openai", "gpt-4o-mini"],
  ["anthropic", "claude-sonnet-4-5"],
  ["nobody", "unknown-model"],
] as const;

beforeAll(async () => {
  stack = await testStack();
  organization = await makeOrganization(stack, { timeZone: "Australia/Adelaide" });
  keys = [
    await makeApiKey(stack, organization, { scopes: ["ingest"] }),
    await makeApiKey(stack, organization, { scopes: ["ingest"], environment: "staging" }),
  ];
  const made = await stack.sql`
    insert into public.teams (organization_id, slug, name) values (${organization.id}, 'a', 'Team A'), (${organization.id}, 'b', 'Team B') returning id`;
  teams = made.map(({ id }) => id as string);
  await stack.sql`insert into public.projects (organization_id, team_id, slug, name) values (${organization.id}, ${teams[0]!}, 'p', 'Project P')`;
  for (const [k, key] of keys.entries()) {
    await send(
      stack,
      key,
      Array.from({ length: 150 }, (_, n) => {
        const [provider, model] = models[(n * (k + 3)) % 4]!;
        return event({
          request_id: `${k}-${n}`,
          timestamp: new Date(now - n * 11 * 60_000 * (k + 1) - n * 1234).toISOString(),
          provider,
          model,
          input_tokens: 10 + n * 7,
          cached_input_tokens: n % 9,
          output_tokens: n,
          reasoning_tokens: n % 5 === 0 ? Math.floor(n / 2) : undefined,
          latency_ms: n % 6 ? 20 + n * 31 : undefined,
          status: n % 13 ? "success" : "timeout",
          endpoint: n % 2 ? "responses" : undefined,
          service_tier: n % 10 ? undefined : "batch",
          feature: ["chat", "search", undefined][n % 3],
          user_id: n % 4 ? `user-${n % 5}` : undefined,
          team_id: n % 3 === 0 ? "a" : n % 3 === 1 ? "b" : undefined,
          project_id: n % 6 === 0 ? "p" : undefined,
        });
      }),
    );
  }
});

const dimensions = [
  "none",
  "provider",
  "model",
  "team",
  "project",
  "feature",
  "api_key",
  "end_user",
  "environment",
  "service_tier",
  "status",
  "endpoint",
];
const column: Record<string, string> = {
  none: "''",
  provider: "provider",
  model: "model",
  team: "coalesce(team_id::text, '')",
  project: "coalesce(project_id::text, '')",
  feature: "coalesce(feature, '')",
  api_key: "coalesce(api_key_id::text, '')",
  end_user: "coalesce(end_user, '')",
  environment: "coalesce(environment, '')",
  service_tier: "coalesce(service_tier, '')",
  status: "status",
  endpoint: "coalesce(endpoint, '')",
  cost_status: "cost_status",
};
const values = (): Record<string, (string | null)[]> => ({
  provider: ["openai", "anthropic", "nobody", "absent"],
  model: models.map(([, model]) => model),
  team: [...teams, ""],
  project: ["", randomUUID()],
  feature: ["chat", "search", "", null],
  api_key: keys.map(({ id }) => id),
  end_user: ["user-1", "user-2", ""],
  environment: ["staging", ""],
  service_tier: ["batch", ""],
  status: ["timeout"],
  endpoint: ["responses", null],
  cost_status: ["exact", "unpriced"],
});

/** The same sums straight from the records, without any code of the questions. */
function fromRecords(dimension: string, grain: string, from: string, to: string, filters: Record<string, (string | null)[]>) {
  const where = Object.entries(filters).map(
    ([name, list]) => `and ${column[name]} = any (array[${list.map((v) => `'${v ?? ""}'`).join(", ")}]::text[])`,
  );
  return stack.sql.unsafe(`
    select date_trunc('${grain}', "timestamp", 'Australia/Adelaide') as bucket, ${column[dimension]} as key,
      trim_scale(coalesce(sum(cost), 0))::text as cost, trim_scale(sum(cost_output))::text as cost_output,
      count(*)::text as requests, (count(*) filter (where status <> 'success'))::text as errors,
      sum(fresh_input_tokens + cached_input_tokens + cache_write_5m_tokens + cache_write_1h_tokens + input_audio_tokens + cached_input_audio_tokens)::text as input_tokens,
      sum(visible_output_tokens + reasoning_tokens + output_audio_tokens)::text as output_tokens, sum(reasoning_tokens)::text as reasoning_tokens,
      (count(*) filter (where cost_status = 'unpriced'))::text as unpriced_requests,
      (private.latency_percentiles((select sum(b.unit) from private.latency_buckets b join unnest(array_agg(latency_ms)) l on b.bucket = private.latency_bucket(l)))).p95_ms as latency_p95_ms
    from private.usage_records
    where organization_id = '${organization.id}' and "timestamp" >= '${from}' and "timestamp" < '${to}' ${where.join(" ")}
    group by 1, 2 order by 1, 2`);
}

describe("every dimension, grain, window and filter answers what the records say, to the last digit", () => {
  test("spend_series", async () => {
    await assert(
      asyncProperty(
        record({
          dimension: constantFrom(...dimensions),
          grain: constantFrom("minute", "hour", "day", "week", "month"),
          from: integer({ min: 0, max: 60 * 60 }),
          length: integer({ min: 1, max: 60 * 60 }),
          filtered: uniqueArray(constantFrom(...Object.keys(values())), { maxLength: 2 }),
          choice: integer({ min: 0, max: 11 }),
        }),
        async ({ dimension, grain, from, length, filtered, choice }) => {
          const begins = new Date(now - 62 * hour + from * 60_000).toISOString();
          const ends = new Date(Date.parse(begins) + length * 61_234).toISOString();
          const filters = Object.fromEntries(
            filtered.map((name) => {
              const list = values()[name]!;
              return [name, choice % 2 ? [list[choice % list.length]!] : list.slice(0, 1 + (choice % list.length))];
            }),
          );
          const answer = await as(
            stack,
            organization.owner,
            (tx) => tx`
              select bucket, key, cost, cost_output, requests, errors, input_tokens, output_tokens, reasoning_tokens, unpriced_requests, latency_p95_ms
              from public.spend_series(${organization.id}, ${begins}, ${ends}, ${grain}, ${dimension}, ${tx.json(filters)}, 1000) order by 1, 2`,
          );
          expect([...answer]).toEqual([...(await fromRecords(dimension, grain, begins, ends, filters))]);
        },
      ),
      { numRuns: 60, endOnFailure: true },
    );
  });

  test("parts and the rest of spend_series, and the rows of spend_by, sum to spend_summary", async () => {
    const from = new Date(now - 40 * hour).toISOString();
    const to = new Date(now + hour).toISOString();
    for (const dimension of dimensions.slice(1)) {
      const [sums] = await as(
        stack,
        organization.owner,
        (tx) => tx`
          select (select cost from public.spend_summary(${organization.id}, ${from}, ${to})) as total,
            (select trim_scale(sum(cost::numeric))::text from public.spend_series(${organization.id}, ${from}, ${to}, 'day', ${dimension}, '{}', 1)) as series,
            (select trim_scale(sum(cost::numeric))::text from public.spend_by(${organization.id}, ${from}, ${to}, ${dimension})) as parts,
            (select count(distinct key)::int from public.spend_series(${organization.id}, ${from}, ${to}, 'day', ${dimension}, '{}', 1)) as lines`,
      );
      expect(sums, dimension).toMatchObject({ series: sums!.total, parts: sums!.total });
      expect(sums!.lines, dimension).toBeLessThanOrEqual(2);
    }
  });
});

test("spend_by sets a window beside an earlier one and names what it counts", async () => {
  const at = (hours: number) => new Date(now - hours * hour).toISOString();
  const rows = await as(
    stack,
    organization.owner,
    (tx) => tx`
      select key, label, requests, previous_requests, total_rows, change_cost::numeric = cost::numeric - previous_cost::numeric as agrees
      from public.spend_by(${organization.id}, ${at(10)}, ${at(-1)}, 'team', ${at(20)}, ${at(10)}, '{}', 'change')`,
  );
  expect(rows.map(({ label }) => label).toSorted()).toEqual(["Not set", "Team A", "Team B"]);
  expect(rows.every(({ agrees, total_rows }) => agrees && Number(total_rows) === 3)).toBe(true);
});

test("usage_requests pages through every request once, newest first", async () => {
  const seen: string[] = [];
  let before: { timestamp: string; id: string } | undefined;
  for (;;) {
    const page = await as(
      stack,
      organization.owner,
      (tx) => tx`
        select id, request_id, "timestamp"::text as timestamp from public.usage_requests(${organization.id}, ${new Date(now - 100 * hour).toISOString()},
          ${new Date(now + hour).toISOString()}, '{"status": ["success"]}', null, ${before?.timestamp ?? null}::text::timestamptz, ${before?.id ?? null}, 40)`,
    );
    if (page.length === 0) break;
    seen.push(...page.map(({ request_id }) => request_id as string));
    before = page.at(-1) as unknown as { timestamp: string; id: string };
  }
  expect(new Set(seen).size).toBe(seen.length);
  expect(seen).toHaveLength(2 * (150 - 12));
});

test("the first page's document says of today and this month what the questions say", async () => {
  const [row] = await as(
    stack,
    organization.owner,
    (tx) => tx`
      with document as (select public.overview(${organization.id}) as o), zone as (select 'Australia/Adelaide' as name)
      select o -> 'today' as today, o -> 'month' as month,
        (select to_jsonb(s) from public.spend_summary(${organization.id}, date_trunc('day', now(), name), now() + interval '6 minutes') s) as asked_today,
        (select to_jsonb(s) from public.spend_summary(${organization.id}, date_trunc('month', now(), name), now() + interval '6 minutes') s) as asked_month
      from document, zone`,
  );
  expect(row!.month).toMatchObject({ requests: expect.any(Number), latency_p95_ms: expect.any(Number) });
  expect(row!.today).toEqual(row!.asked_today);
  expect(row!.month).toEqual(row!.asked_month);
});

describe("isolation", () => {
  const questions: [string, string][] = [
    ["spend_summary", "public.spend_summary($1, now() - interval '3 days', now())"],
    ["spend_series", "public.spend_series($1, now() - interval '3 days', now(), 'day', 'model')"],
    ["spend_by", "public.spend_by($1, now() - interval '3 days', now(), 'feature')"],
    ["usage_requests", "public.usage_requests($1, now() - interval '3 days', now())"],
    ["usage_request", "public.usage_request($1, '0-1')"],
    ["usage_live", "public.usage_live($1, 1440)"],
    ["usage_pulse", "public.usage_pulse($1)"],
    ["filter_values", "public.filter_values($1, now() - interval '3 days', now(), 'model')"],
    ["verify_usage", "public.verify_usage($1)"],
    ["overview", "public.overview($1)"],
  ];
  test.each(questions)("%s answers members and refuses strangers as if there were nothing", async (name, call) => {
    const viewer = await makeMember(stack, organization, "viewer");
    const stranger = (await makeOrganization(stack)).owner;
    const ask = (who: typeof viewer | "anon", id: string) =>
      as(stack, who, (tx) => tx.unsafe(`select q::text as answer from ${call} q`, [id])).then(
        (rows) => rows.map(({ answer }) => answer as string),
        (error: { code: string; message: string }) => `${error.code} ${error.message}`,
      );
    const answer = await ask(viewer, organization.id);
    expect(Array.isArray(answer) && (name === "verify_usage" ? answer.length === 0 : answer.length > 0)).toBe(true);
    expect(await ask(stranger, organization.id)).toBe(await ask(stranger, randomUUID()));
    expect(await ask(stranger, organization.id)).toMatch(/^PT404/);
    expect(await ask("anon", organization.id)).toMatch(/^42501/);
  });

  test("the views behind the questions show nothing of others", async () => {
    const stranger = (await makeOrganization(stack)).owner;
    for (const view of ["readable_usage", "readable_rollups"]) {
      const count = (who: typeof stranger) =>
        as(stack, who, (tx) =>
          tx.unsafe(`select count(*)::int as rows from private.${view} where organization_id = $1`, [organization.id]),
        );
      expect((await count(stranger))[0]!.rows).toBe(0);
      expect((await count(organization.owner))[0]!.rows).toBeGreaterThan(0);
    }
    const [all] = await as(stack, stranger, (tx) => tx`select count(*)::int as rows from private.readable_usage`);
    expect(all!.rows).toBe(0);
  });
});

test.each([
  ["an unknown filter", '\'{"colour": ["red"]}\''],
  ["a filter that is no list", '\'{"model": "gpt-4o"}\''],
  ["a filter of numbers", "'{\"model\": [4]}'"],
  ["filters that are no object", "'[1]'"],
])("%s is refused as invalid", async (_, filters) => {
  await expect(
    as(stack, organization.owner, (tx) =>
      tx.unsafe(`select * from public.spend_summary($1, now() - interval '1 day', now(), ${filters})`, [organization.id]),
    ),
  ).rejects.toMatchObject({ code: "PT400" });
});
