import type { TransactionSql } from "postgres";
import { beforeAll, describe, expect, test } from "vitest";
import { type ApiKey, as, become, makeApiKey, makeMember, makeOrganization, type Organization } from "../../tests/support/people.ts";
import { type TestStack, testStack } from "../../tests/support/stack.ts";
import { plain, sum } from "./prices-hand.ts";
import { clock, type Market, openMarket, putRate } from "./prices-market.ts";
import { differences, event, send } from "./usage-sending.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await testStack();
});

const day = 86_400_000;
const iso = (days: number, base = Date.now()) => new Date(base + days * day).toISOString();

interface Job {
  id: string;
  state: string;
  records_total: string;
  records_seen: string;
  records_changed: string;
  cost_before: string;
  cost_after: string;
  posted: string;
}

const start = (organization: Organization, from: string, to: string) =>
  as(stack, organization.owner, async (tx) => {
    const [row] = await tx<{ id: string }[]>`select public.start_re_rating(${organization.id}, ${from}, ${to}, 'prices were wrong') as id`;
    return row!.id;
  });
/** The scheduler takes steps of its own meanwhile; a step that finds the other's under way does nothing. */
const finish = async (organization: Organization, id: string) => {
  const deadline = Date.now() + 20_000;
  while ((await job(organization)).state === "running" && Date.now() < deadline) await step(id, 3);
};
/** A job that nobody else can see, so that its steps are the test's alone. */
const alone = (organization: Organization, work: (tx: TransactionSql, id: string) => Promise<void>) =>
  stack.sql.begin(async (tx) => {
    await become(tx, organization.owner);
    const [row] = await tx<
      { id: string }[]
    >`select public.start_re_rating(${organization.id}, ${iso(-30)}, ${iso(1)}, 'prices were wrong') as id`;
    await tx`reset role`;
    await work(tx, row!.id);
  });
const stepIn = async (tx: TransactionSql, id: string, limit: number) =>
  (await tx`select private.re_rate_step(${id}, ${limit}) as more`)[0]!.more as boolean;
const step = async (id: string, limit: number) =>
  (await stack.sql`select private.re_rate_step(${id}, ${limit}) as more`)[0]!.more as boolean;
const job = async (organization: Organization) => {
  const [row] = await as(stack, organization.owner, (tx) => tx<Job[]>`select * from public.list_re_ratings(${organization.id})`);
  return row!;
};
const asKnown = async (organization: Organization, at: string) => {
  const [row] = await as(
    stack,
    organization.owner,
    (tx) => tx<{ cost: string; cost_now: string; requests: string }[]>`
      select cost, cost_now, requests from public.spend_as_known(${organization.id}, now() - interval '400 days', now() + interval '1 day', ${at})`,
  );
  return row!;
};
const shown = async (organization: Organization) => {
  const [row] = await as(
    stack,
    organization.owner,
    (tx) =>
      tx<
        { cost: string }[]
      >`select cost from public.spend_summary(${organization.id}, now() - interval '400 days', now() + interval '1 day')`,
  );
  return plain(row!.cost);
};

/** A tenant with `count` requests over ten days at $4 / 1M input and $8 / 1M output, a million tokens of input each. */
async function tenant(count: number): Promise<{ organization: Organization; key: ApiKey; market: Market }> {
  const market = await openMarket(stack.sql, { input_tokens: "0.000004", output_tokens: "0.000008" });
  const organization = await makeOrganization(stack, { timeZone: "Europe/Berlin" });
  const key = await makeApiKey(stack, organization);
  await send(stack, key, requests(market, count));
  return { organization, key, market };
}

const requests = ({ provider, model }: Market, count: number, offset = 0) =>
  Array.from({ length: count }, (_, n) =>
    event({
      request_id: `r${offset + n}`,
      timestamp: iso(-((n * 10) / count) - 0.01),
      provider,
      model,
      input_tokens: 1_000_000,
      cached_input_tokens: 0,
      output_tokens: n % 2,
      feature: `f${n % 3}`,
      user_id: `u${n % 5}`,
    }),
  );

describe("a price change applied to history", () => {
  test("goes step by step, exact between any two of them, resumes where it was, and says what it changed", async () => {
    const { organization, market } = await tenant(50);
    const before = await shown(organization);
    expect(before).toBe("200.0002");
    const known = await clock(stack.sql);
    // Five days ago the price had fallen, which nobody knew: the newer half costs half.
    const cut = iso(-5.05);
    await putRate(stack.sql, market, "input_tokens", "0.000002", { valid: `[${cut},)` });
    let steps = 0;
    await alone(organization, async (tx, id) => {
      while (await stepIn(tx, id, 7)) {
        steps += 1;
        expect(await tx`select * from private.usage_differences(${organization.id})`, `after step ${steps}`).toEqual([]);
      }
    });
    expect(steps).toBe(8);
    const done = await job(organization);
    expect(done).toMatchObject({ state: "done", posted: "0" });
    expect(done.records_seen).toBe("50");
    const changed = requests(market, 50).filter(({ timestamp }) => timestamp >= cut).length;
    expect(Number(done.records_changed)).toBe(changed);
    expect(sum([done.cost_after, `-${done.cost_before}`])).toBe(String(-2 * changed));
    const after = await shown(organization);
    expect(after).toBe(sum([before, String(-2 * changed)]));
    expect(await differences(stack, organization)).toEqual([]);
    const [journal] = await stack.sql`
      select sum(records) as records, sum(cost_after - cost_before) as moved from private.cost_journal
      where organization_id = ${organization.id} and reason = 're_rated'`;
    expect({ records: Number(journal!.records), moved: plain(journal!.moved) }).toEqual({ records: changed, moved: String(-2 * changed) });

    const then = await asKnown(organization, known);
    expect(plain(then.cost), "as known before, to the last digit").toBe(before);
    expect(then.requests).toBe("50");
    expect(plain(then.cost_now)).toBe(after);
  });

  test("twice changes nothing the second time, and one job runs at a time", async () => {
    const { organization, market } = await tenant(10);
    await putRate(stack.sql, market, "output_tokens", "0.00001");
    await alone(organization, async (tx, id) => {
      const second = tx.savepoint(async (inner) => {
        await become(inner, organization.owner);
        return inner`select public.start_re_rating(${organization.id}, ${iso(-30)}, ${iso(1)}, 'again')`;
      });
      await expect(second).rejects.toMatchObject({ code: "PT409" });
      while (await stepIn(tx, id, 4));
    });
    // Every second one has output.
    expect(Number((await job(organization)).records_changed)).toBe(5);
    const again = await start(organization, iso(-30), iso(1));
    await finish(organization, again);
    expect(await job(organization)).toMatchObject({ state: "done", records_changed: "0" });
  });

  test("cancelled in the middle leaves what was done, consistent", async () => {
    const { organization, market } = await tenant(20);
    await putRate(stack.sql, market, "input_tokens", "0.000001");
    await alone(organization, async (tx, id) => {
      await stepIn(tx, id, 5);
      await tx`select private.cancel_re_rating(${organization.id}, ${id})`;
      expect(await stepIn(tx, id, 5)).toBe(false);
    });
    expect(await job(organization)).toMatchObject({ state: "cancelled", records_seen: "5", records_changed: "5" });
    expect(await differences(stack, organization)).toEqual([]);
    expect(plain(await shown(organization))).toBe("65.00008");
  });

  test("steps of two sessions at once, with ingestion between them, add up", async () => {
    const { organization, key, market } = await tenant(60);
    await putRate(stack.sql, market, "input_tokens", "0.000003");
    const id = await start(organization, iso(-30), iso(1));
    const drain = async () => {
      for (let n = 0; n < 40; n += 1) await step(id, 5);
    };
    const feed = async () => {
      for (let n = 0; n < 10; n += 1) await send(stack, key, requests(market, 3, 2000 + 3 * n));
    };
    await Promise.all([drain(), drain(), feed()]);
    await finish(organization, id);
    expect(await differences(stack, organization)).toEqual([]);
    expect(plain(await shown(organization))).toBe(sum([String(90 * 3), sum(Array.from({ length: 30 + 10 }, () => "0.000008"))]));
  });

  test("what had no price, lost it or is free is treated as when it came", async () => {
    const { organization, key, market } = await tenant(0);
    await send(stack, key, [
      event({
        provider: market.provider,
        model: market.model,
        input_tokens: 100,
        cached_input_tokens: 0,
        output_tokens: 0,
        cache_hit: true,
      }),
      event({
        provider: market.provider,
        model: market.model,
        input_tokens: 100,
        cached_input_tokens: 0,
        output_tokens: 0,
        is_partial: true,
      }),
      event({ provider: market.provider, model: market.model, input_tokens: 100, cached_input_tokens: 0, output_tokens: 0 }),
    ]);
    await stack.sql`update private.model_aliases set known = tstzrange(lower(known), clock_timestamp()) where platform = ${market.provider}`;
    await finish(organization, await start(organization, iso(-1), iso(1)));
    const statuses =
      await stack.sql`select cost_status, cost from private.usage_records where organization_id = ${organization.id} order by 1`;
    expect(statuses.map((row) => [row.cost_status, row.cost])).toEqual([
      ["exact", "0"],
      ["unpriced", null],
      ["unpriced", null],
    ]);
    expect(await differences(stack, organization)).toEqual([]);
  });

  test("is the owner's to start; members see it, strangers do not", async () => {
    const { organization } = await tenant(1);
    const admin = await makeMember(stack, organization, "admin");
    await expect(
      as(stack, admin, (tx) => tx`select public.start_re_rating(${organization.id}, ${iso(-1)}, ${iso(1)}, 'x')`),
    ).rejects.toMatchObject({ code: "PT403" });
    const stranger = (await makeOrganization(stack)).owner;
    await expect(as(stack, stranger, (tx) => tx`select * from public.list_re_ratings(${organization.id})`)).rejects.toMatchObject({
      code: "PT404",
    });
  });
});

describe("month close", () => {
  interface Period {
    period_from: Date;
    state: string;
    cost: string;
    carried: string;
    posted: string;
    total: string;
  }
  const periods = (organization: Organization) =>
    as(stack, organization.owner, (tx) => tx<Period[]>`select * from public.list_periods(${organization.id}) order by period_from`);
  const close = (organization: Organization, at: Date) =>
    as(stack, organization.owner, (tx) => tx`select public.close_period(${organization.id}, ${at})`);
  const monthsAgo = async (months: number) => {
    const [row] = await stack.sql<{ at: Date }[]>`
      select (date_trunc('month', now() at time zone 'Europe/Berlin') - make_interval(months => ${months}) + interval '10 days 12 hours') at time zone 'Europe/Berlin' as at`;
    return row!.at.toISOString();
  };

  test("freezes its statement; what changes later is posted into the open month, and nothing is lost or doubled", async () => {
    const { market } = await tenant(0);
    const organization = await makeOrganization(stack, { timeZone: "Europe/Berlin" });
    const key = await makeApiKey(stack, organization, { scopes: ["admin"] });
    const call = (timestamp: string, model = market.model) =>
      event({ timestamp, provider: market.provider, model, input_tokens: 1_000_000, cached_input_tokens: 0, output_tokens: 0 });
    const [two, one, zero] = [await monthsAgo(2), await monthsAgo(1), await monthsAgo(0)];
    await send(stack, key, [call(two), call(two), call(two, "unknown"), call(one), call(iso(-0.001))], "import");
    const total = async () => sum((await periods(organization)).map((row) => row.total));
    expect((await periods(organization)).map((row) => [row.state, row.cost])).toEqual([
      ["open", "8"],
      ["ahead", "4"],
      ["ahead", "4"],
    ]);

    const [first, second, third] = await periods(organization);
    await expect(close(organization, second!.period_from)).rejects.toMatchObject({ code: "PT409" });
    await close(organization, first!.period_from);
    await expect(close(organization, first!.period_from)).rejects.toMatchObject({ code: "PT409" });
    const frozen = (await periods(organization))[0];

    // Later: a late arrival, a price for what had none, and a re-rating of everything.
    await send(stack, key, [call(two)], "import");
    await stack.sql`
      insert into private.model_aliases (platform, position, name, model, is_exact, source)
      values (${market.provider}, 1, 'unknown', ${market.model}, true, 'test')`;
    await stack.sql`select private.heal_unpriced()`;
    await putRate(stack.sql, market, "input_tokens", "0.000003");
    await finish(organization, await start(organization, iso(-400), iso(1)));

    expect((await periods(organization))[0]).toEqual(frozen);
    expect((await periods(organization)).map((row) => [row.state, row.cost, row.carried, row.posted, row.total])).toEqual([
      ["closed", "8", "0", "0", "8"],
      // Late: 4 + 4. Posted: four calls at $1 less.
      ["open", "3", "8", "-4", "7"],
      ["ahead", "3", "0", "0", "3"],
    ]);
    // Six calls at $3: the three statements together are what everything costs.
    expect(await total()).toBe("18");
    expect(await differences(stack, organization)).toEqual([]);
    expect((await job(organization)).posted).toBe("-4");

    await close(organization, second!.period_from);
    expect((await periods(organization)).map((row) => [row.state, row.total])).toEqual([
      ["closed", "8"],
      ["closed", "7"],
      ["open", "3"],
    ]);
    expect(await total()).toBe("18");
    await send(stack, key, [call(one)], "import");
    expect((await periods(organization)).at(-1)).toMatchObject({ state: "open", cost: "3", carried: "3", total: "6" });
    expect(await total()).toBe("21");
    await expect(close(organization, third!.period_from)).rejects.toMatchObject({ code: "PT409" });
    expect(zero > one).toBe(true);
    await expect(stack.sql`update private.closed_periods set cost = 0 where organization_id = ${organization.id}`).rejects.toMatchObject({
      code: "42501",
    });
  });
});
