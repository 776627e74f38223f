import { beforeAll, describe, expect, test } from "vitest";
import { as, makeApiKey, makeOrganization, type Organization } from "../../tests/support/people.ts";
import { type TestStack, testStack } from "../../tests/support/stack.ts";
import { differences, event, send } from "./usage-sending.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await testStack();
});

async function tenant(timeZone: string) {
  const organization = await makeOrganization(stack, { timeZone });
  return { organization, key: await makeApiKey(stack, organization, { scopes: ["ingest", "admin"] }) };
}

const series = (organization: Organization, from: string, to: string, grain: string, dimension = "none") =>
  as(
    stack,
    organization.owner,
    (tx) => tx<{ bucket: Date; key: string; requests: string; cost: string }[]>`
      select bucket, key, requests, cost from public.spend_series(${organization.id}, ${from}, ${to}, ${grain}, ${dimension}, '{}', 100)`,
  );
const summary = async (organization: Organization, from: string, to: string) => {
  // As text: the driver would cut microseconds off.
  const rows = await as(
    stack,
    organization.owner,
    (tx) =>
      tx<
        { requests: string; cost: string }[]
      >`select requests, cost from public.spend_summary(${organization.id}, ${from}::text::timestamptz, ${to}::text::timestamptz)`,
  );
  return rows[0]!;
};

/** Days on which clocks changed: where each begins (UTC), how many hours it has, and the month around it. */
const days: [zone: string, begins: string, hours: number, monthBegins: string, monthEnds: string][] = [
  ["Europe/Berlin", "2026-03-28T23:00:00Z", 23, "2026-02-28T23:00:00Z", "2026-03-31T22:00:00Z"],
  ["Europe/Berlin", "2025-10-25T22:00:00Z", 25, "2025-09-30T22:00:00Z", "2025-10-31T23:00:00Z"],
  ["America/New_York", "2026-03-08T05:00:00Z", 23, "2026-03-01T05:00:00Z", "2026-04-01T04:00:00Z"],
  ["America/New_York", "2025-11-02T04:00:00Z", 25, "2025-11-01T04:00:00Z", "2025-12-01T05:00:00Z"],
  ["Australia/Adelaide", "2025-10-04T14:30:00Z", 23, "2025-09-30T14:30:00Z", "2025-10-31T13:30:00Z"],
  ["Australia/Adelaide", "2026-04-04T13:30:00Z", 25, "2026-03-31T13:30:00Z", "2026-04-30T14:30:00Z"],
];

describe.each(days)("%s, the day of %s", (zone, begins, hours, monthBegins, monthEnds) => {
  test(`has ${hours} hours, and events at its edges land in the right day`, async () => {
    const { organization, key } = await tenant(zone);
    const start = Date.parse(begins);
    const end = start + hours * 3_600_000;
    const at = (ms: number) => new Date(ms).toISOString();
    const moments = [
      start - 1,
      start,
      start + 1,
      end - 1,
      end,
      ...Array.from({ length: hours }, (_, n) => start + n * 3_600_000 + 1_800_000),
    ];
    await send(
      stack,
      key,
      moments.map((ms, n) => event({ request_id: `${n}`, timestamp: at(ms), user_id: `u${n % 2}` })),
      "import",
    );
    const counts = (await series(organization, monthBegins, monthEnds, "day")).map(({ bucket, requests }) => [
      bucket.toISOString(),
      Number(requests),
    ]);
    const before = counts.find(([, n]) => n === 1)!;
    expect(counts).toHaveLength(3);
    expect(new Date(before[0]!).getTime()).toBeLessThan(start);
    expect(counts.slice(1)).toEqual([
      [at(start), 3 + hours],
      [at(end), 1],
    ]);
    const hourly = await series(organization, at(start), at(end), "hour");
    expect(hourly).toHaveLength(hours);

    const days = await series(organization, monthBegins, monthEnds, "day", "end_user");
    const month = await summary(organization, monthBegins, monthEnds);
    const [sum] = await stack.sql`select trim_scale(sum(c::numeric))::text as cost from unnest(${days.map(({ cost }) => cost)}::text[]) c`;
    expect(sum!.cost).toBe(month.cost);
    expect(days.reduce((total, { requests }) => total + Number(requests), 0)).toBe(moments.length);
    expect(await differences(stack, organization)).toEqual([]);
  });
});

test.each([
  ["Europe/Berlin", "01:00:00"],
  ["America/New_York", "01:00:00"],
  ["Asia/Kolkata", "00:30:00"],
  ["Australia/Adelaide", "00:30:00"],
  ["Australia/Lord_Howe", "00:30:00"],
  ["Asia/Kathmandu", "00:15:00"],
  ["Pacific/Chatham", "00:15:00"],
])("%s is cut into buckets of %s", async (zone, bucket) => {
  const [row] = await stack.sql`select private.usage_bucket(${zone})::text as bucket`;
  expect(row!.bucket).toBe(bucket);
});

test("a new zone cuts all history anew, to the byte what it would have been", async () => {
  const { organization, key } = await tenant("Europe/Berlin");
  const twin = await tenant("Asia/Kathmandu");
  const events = Array.from({ length: 60 }, (_, n) =>
    event({
      request_id: `${n}`,
      timestamp: new Date(Date.now() - n * 5_000_000).toISOString(),
      user_id: `u${n % 3}`,
      feature: `f${n % 2}`,
    }),
  );
  await send(stack, key, events);
  await send(stack, twin.key, events);
  await as(
    stack,
    organization.owner,
    (tx) => tx`update public.organizations set time_zone = 'Asia/Kathmandu' where id = ${organization.id}`,
  );
  expect(await differences(stack, organization)).toEqual([]);
  const cells = (id: string) => stack.sql`
    select md5(string_agg((to_jsonb(t) - 'organization_id' - case when t.rollup like 'api_key%' then 'key' else '' end)::text, ' '
      order by t.rollup, t.bucket, case when t.rollup like 'api_key%' then '' else t.key end)) as digest, count(*) as cells
    from private.usage_rollups t where organization_id = ${id}`;
  expect(await cells(organization.id)).toEqual(await cells(twin.organization.id));
});

test("windows are half-open to the microsecond, wherever they cut a bucket", async () => {
  const { organization, key } = await tenant("UTC");
  const noon = new Date(Date.now() - 3 * 86_400_000).toISOString().slice(0, 10);
  const instants = [
    `${noon}T12:20:00.000000Z`,
    `${noon}T12:20:00.000001Z`,
    `${noon}T13:30:00.000000Z`,
    `${noon}T15:00:00.000000Z`,
    `${noon}T15:10:00.000000Z`,
  ];
  await send(
    stack,
    key,
    instants.map((timestamp, n) => event({ request_id: `${n}`, timestamp })),
  );
  const between = async (from: string, to: string) => Number((await summary(organization, `${noon}T${from}Z`, `${noon}T${to}Z`)).requests);
  expect(await between("12:20:00", "15:00:00")).toBe(3);
  expect(await between("12:20:00.000001", "15:00:00.000001")).toBe(3);
  expect(await between("12:20:00.000002", "15:10:00")).toBe(2);
  expect(await between("12:20:00", "12:20:00.000001")).toBe(1);
  expect(await between("12:20:00", "12:20:00")).toBe(0);
  expect(await between("00:00:00", "23:59:59")).toBe(5);
});
