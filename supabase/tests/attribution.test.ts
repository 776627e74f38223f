import { beforeAll, describe, expect, test } from "vitest";
import { type ApiKey, as, makeApiKey, makeOrganization, type Organization } from "../../tests/support/people.ts";
import { type TestStack, testStack } from "../../tests/support/stack.ts";
import { differences, event, send } from "./usage-sending.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await testStack();
});

type Place = { organization: Organization; key: ApiKey; teams: Record<"red" | "blue" | "green", string>; projectId: string };

async function makePlace(): Promise<Place> {
  const organization = await makeOrganization(stack, { timeZone: "Asia/Kathmandu" });
  const key = await makeApiKey(stack, organization, { scopes: ["ingest"] });
  const teams = Object.fromEntries(
    await Promise.all(
      (["red", "blue", "green"] as const).map(async (slug) => {
        const [team] = await as(
          stack,
          organization.owner,
          (tx) => tx<{ id: string }[]>`
          insert into public.teams (organization_id, slug, name) values (${organization.id}, ${slug}, ${slug}) returning id`,
        );
        return [slug, team!.id];
      }),
    ),
  ) as Place["teams"];
  const [project] = await as(
    stack,
    organization.owner,
    (tx) => tx<{ id: string }[]>`
    insert into public.projects (organization_id, team_id, slug, name)
    values (${organization.id}, ${teams.green}, 'site', 'Site') returning id`,
  );
  return { organization, key, teams, projectId: project!.id };
}

type Rule = { conditions: unknown; team?: string; project?: string; position?: number; enabled?: boolean };

function addRule({ organization }: Place, { conditions, team, project, position = 100, enabled = true }: Rule) {
  return as(
    stack,
    organization.owner,
    (tx) => tx`
    insert into public.attribution_rules (organization_id, name, conditions, team_id, project_id, position, is_enabled)
    values (${organization.id}, 'A rule', ${tx.json(conditions as never)}, ${team ?? null}, ${project ?? null}, ${position}, ${enabled})`,
  );
}

function recordsOf({ organization }: Place) {
  return stack.sql<{ request_id: string; team_id: string | null; project_id: string | null; by_rule: boolean }[]>`
    select request_id, team_id, project_id, attribution_rule_id is not null as by_rule from private.usage_records
    where organization_id = ${organization.id} order by request_id`;
}

describe("what arrives", () => {
  test("gets team and project of the first rule it meets, unless somebody named them", async () => {
    const place = await makePlace();
    const { key, teams, projectId } = place;
    await addRule(place, { conditions: { feature: ["chat"] }, team: teams.red, enabled: false, position: 1 });
    await addRule(place, { conditions: { tags: { tier: "gold" } }, team: teams.blue, position: 2 });
    await addRule(place, { conditions: { feature: ["chat", "search-*"], environment: ["production"] }, team: teams.red, position: 3 });
    await addRule(place, { conditions: { end_user: ["site:*"] }, project: projectId, position: 4 });
    const bound = await makeApiKey(stack, place.organization, { scopes: ["ingest"], teamId: teams.blue });
    const chat = { feature: "chat", environment: "production" };
    const codes = await send(stack, key, [
      event({ ...chat, request_id: "a" }),
      event({ ...chat, request_id: "b", tags: { tier: "gold", other: "x" } }),
      event({ ...chat, request_id: "c", team_id: "green" }),
      event({ request_id: "d", feature: "search-images", environment: "production" }),
      event({ request_id: "e", feature: "chat" }),
      event({ request_id: "f", user_id: "site:42" }),
      event({ request_id: "g", user_id: "other" }),
    ]);
    expect(new Set(codes)).toEqual(new Set(["accepted"]));
    await send(stack, bound, [event({ ...chat, request_id: "h" })]);
    const red = { team_id: teams.red, project_id: null, by_rule: true };
    expect([...(await recordsOf(place))]).toEqual([
      { request_id: "a", ...red },
      { request_id: "b", team_id: teams.blue, project_id: null, by_rule: true },
      { request_id: "c", team_id: teams.green, project_id: null, by_rule: false },
      { request_id: "d", ...red },
      { request_id: "e", team_id: null, project_id: null, by_rule: false },
      { request_id: "f", team_id: teams.green, project_id: projectId, by_rule: true },
      { request_id: "g", team_id: null, project_id: null, by_rule: false },
      { request_id: "h", team_id: teams.blue, project_id: null, by_rule: false },
    ]);
    expect([...(await differences(stack, place.organization))]).toEqual([]);
  });

  test("is still a repetition, not a conflict, when a rule came in between", async () => {
    const place = await makePlace();
    const sent = event({ feature: "chat" });
    expect(await send(stack, place.key, [sent])).toEqual(["accepted"]);
    await addRule(place, { conditions: { feature: ["chat"] }, team: place.teams.red });
    expect(await send(stack, place.key, [sent, event({ feature: "chat" })])).toEqual(["duplicate", "accepted"]);
    expect((await recordsOf(place)).map(({ team_id }) => team_id).sort()).toEqual([place.teams.red, null].sort());
  });

  test("of another organization is none of a rule's business", async () => {
    const [place, other] = [await makePlace(), await makePlace()];
    await addRule(place, { conditions: { feature: ["chat"] }, team: place.teams.red });
    await send(stack, other.key, [event({ feature: "chat" })]);
    expect((await recordsOf(other)).map(({ team_id }) => team_id)).toEqual([null]);
  });
});

describe("history", () => {
  test("moves as the preview said, page by page, and no total changes", async () => {
    const place = await makePlace();
    const { organization, key, teams, projectId } = place;
    const now = Date.now();
    await send(
      stack,
      key,
      Array.from({ length: 60 }, (_, n) =>
        event({
          timestamp: new Date(now - n * 5 * 3_600_000).toISOString(),
          feature: ["chat", "search", "other"][n % 3],
          model: n % 7 ? "gpt-4o" : "no-such-model",
          status: n % 11 ? "success" : "error",
          input_tokens: 100 + n * 13,
          cached_input_tokens: n,
          team_id: n % 10 === 0 ? "blue" : undefined,
        }),
      ),
    );
    const total = () => stack.sql`
      select bucket, requests, cost_input, cost_output, latency from private.usage_rollups
      where organization_id = ${organization.id} and rollup = 'total' order by bucket`;
    const before = [...(await total())];
    await addRule(place, { conditions: { feature: ["chat"] }, team: teams.red, position: 1 });
    await addRule(place, { conditions: { feature: ["s*"] }, project: projectId, position: 2 });
    const from = new Date(now - 40 * 86_400_000);
    const to = new Date(now + 60_000);
    const preview = await as(
      stack,
      organization.owner,
      (tx) => tx<{ requests: string; cost: string; is_draft: boolean }[]>`
      select requests, cost, is_draft from public.preview_attribution(${organization.id}, ${from}, ${to}, '{"feature": ["other"]}')`,
    );
    expect(preview.map(({ requests, is_draft }) => [Number(requests), is_draft])).toEqual([
      [18, false],
      [18, false],
      [18, true],
    ]);

    let moved = 0;
    let after: { last_timestamp: Date | null; last_id: string | null } = { last_timestamp: null, last_id: null };
    for (let page = 0; page < 30; page++) {
      const [step] = await as(
        stack,
        organization.owner,
        (tx) => tx<{ moved: string; last_timestamp: Date | null; last_id: string | null }[]>`
        select * from public.apply_attribution(${organization.id}, ${from}, ${to}, ${after.last_timestamp}, ${after.last_id}, 7)`,
      );
      moved += Number(step!.moved);
      expect([...(await differences(stack, organization))]).toEqual([]);
      if (step!.last_id === null) break;
      after = step!;
    }
    expect(moved).toBe(36);
    expect([...(await total())]).toEqual(before);
    const byTeam = await as(
      stack,
      organization.owner,
      (tx) => tx<{ key: string; requests: string; cost: string }[]>`
      select key, requests, cost from public.spend_by(${organization.id}, ${from}, ${to}, 'team')`,
    );
    expect(Object.fromEntries(byTeam.map(({ key: team, requests }) => [team, Number(requests)]))).toEqual({
      [teams.red]: 18,
      [teams.green]: 18,
      [teams.blue]: 6,
      "": 18,
    });
    expect(byTeam.find(({ key: team }) => team === teams.red)!.cost).toBe(preview[0]!.cost);
    const journal = await stack.sql`
      select sum(records)::int as records, trim_scale(sum(cost_after - cost_before))::text as change from private.cost_journal
      where organization_id = ${organization.id} and reason = 'attributed'`;
    expect(journal[0]).toEqual({ records: 36, change: "0" });
    const [again] = await as(
      stack,
      organization.owner,
      (tx) => tx`select moved from public.apply_attribution(${organization.id}, ${from}, ${to})`,
    );
    expect(again).toEqual({ moved: "0" });
  });
});

const refused: [conditions: unknown, what: string][] = [
  [{}, "no condition"],
  [{ colour: ["red"] }, "an unknown condition"],
  [{ feature: [] }, "an empty list"],
  [{ feature: "chat" }, "no list"],
  [{ tags: { a: 1 } }, "a tag that is no text"],
];
test.each(refused)("%j is refused: %s", async (conditions) => {
  const place = await makePlace();
  await expect(addRule(place, { conditions, team: place.teams.red })).rejects.toThrow("attribution_rules_conditions_shape");
});
