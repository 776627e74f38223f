import { beforeAll, expect, test } from "vitest";
import { recordUsage } from "../../lib/ingest/record-usage.ts";
import { makeApiKey, makeOrganization } from "../../tests/support/people.ts";
import { type TestStack, testStack } from "../../tests/support/stack.ts";
import { differences, event } from "./usage-sending.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await testStack();
});

test("overlapping batches from many sessions, in any order, store each event once, without deadlock", async () => {
  const organizations = await Promise.all([makeOrganization(stack), makeOrganization(stack), makeOrganization(stack)]);
  const keys = await Promise.all(organizations.map((organization) => makeApiKey(stack, organization, { scopes: ["ingest"] })));
  const pools = keys.map((_, tenant) =>
    Array.from({ length: 400 }, (_, n) =>
      event({
        request_id: `o-${n}`,
        model: ["gpt-4o", "gpt-4o-mini", "gpt-4.1"][n % 3],
        feature: `f${n % 5}`,
        user_id: `u${(n * 7 + tenant) % 40}`,
      }),
    ),
  );
  const shuffled = <T>(list: T[], seed: number): T[] =>
    list
      .map((item, n) => ({ item, at: (n * 7919 + seed * 104_729) % 1009 }))
      .sort((a, b) => a.at - b.at)
      .map(({ item }) => item);
  const accepted = new Map<string, number>();
  await Promise.all(
    Array.from({ length: 16 }, async (_, writer) => {
      // Every call mixes the organizations in another order and takes an overlapping half of each one's events.
      const submissions = shuffled([0, 1, 2], writer).map((tenant) => ({
        tenant,
        keyHash: keys[tenant]!.hash,
        events: shuffled(pools[tenant]!, writer).slice((writer % 4) * 50, (writer % 4) * 50 + 250),
      }));
      const outcomes = await recordUsage(stack.sql, submissions);
      outcomes.forEach(({ results }, at) => {
        results.forEach(({ code }, place) => {
          if (code === "accepted") {
            const id = `${submissions[at]!.tenant} ${submissions[at]!.events[place]!.request_id}`;
            accepted.set(id, (accepted.get(id) ?? 0) + 1);
          } else expect(code).toBe("duplicate");
        });
      });
    }),
  );
  const sent = new Set<string>();
  for (let writer = 0; writer < 16; writer++) {
    for (const tenant of [0, 1, 2]) {
      for (const { request_id } of shuffled(pools[tenant]!, writer).slice((writer % 4) * 50, (writer % 4) * 50 + 250))
        sent.add(`${tenant} ${request_id}`);
    }
  }
  expect([...accepted.values()].every((times) => times === 1)).toBe(true);
  expect(accepted.size).toBe(sent.size);
  for (const organization of organizations) expect(await differences(stack, organization)).toEqual([]);
});
