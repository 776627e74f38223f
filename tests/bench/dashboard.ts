/**
 * The questions behind the first page on ten million records over ninety days, twenty organizations, the largest with half: asked as a
 * signed-in member, with row isolation on, exactly the calls that the page makes. Then the page itself, served and signed in. Then the
 * same questions answered from the records alone: how much faster the rollups are, and whether both say the same to the last digit.
 *
 *   node tests/bench/dashboard.ts [--quick]        BENCH_RECORDS=1000000 for another size
 */
import { randomUUID } from "node:crypto";
import { mkdtemp, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildPages } from "../../scripts/build.ts";
import { makeUser } from "../support/people.ts";
import { measureFirstPaint } from "./dashboard-first-paint.ts";
import { describe, isReference, measure, overviewCalls, percentile, toSql, withoutRollups } from "./dashboard-questions.ts";
import { startBenchDatabase } from "./database.ts";
import { makeHistory } from "./usage-history.ts";

const quick = process.argv.includes("--quick");
const records = Number(process.env.BENCH_RECORDS ?? (quick ? 100_000 : 10_000_000));
const runs = quick ? 8 : 40;
const paints = quick ? 25 : 60;
const beganAt = performance.now();
const say = (line: string): void =>
  void process.stdout.write(`${((performance.now() - beganAt) / 1000).toFixed(0).padStart(5)} s  ${line}\n`);

if (await buildPages()) say("the pages are built");
const logDir = await mkdtemp(join(tmpdir(), "tokentra-bench-log-"));
const database = await startBenchDatabase(2);
try {
  const { sql, stack } = database;
  const organizations: { id: string; slug: string }[] = [];
  for (let n = 0; n < 20; n++) {
    organizations.push(
      ...(await sql<{ id: string; slug: string }[]>`
        insert into public.organizations (slug, name) values (${`bench-${randomUUID().slice(0, 13)}`}, ${`Organization ${n + 1}`})
        returning id, slug`),
    );
  }
  const organization = organizations[0]!;
  const person = await makeUser({ sql });
  await sql`insert into public.organization_members (organization_id, user_id, role) values (${organization.id}, ${person.id}, 'owner')`;
  say(`${records} records over 90 days, 20 organizations`);
  await makeHistory(
    sql,
    organizations.map(({ id }) => id),
    records,
    say,
  );

  const calls = await overviewCalls(organization.id);
  await measure(sql, person.id, calls, 2);
  const fast = await measure(sql, person.id, calls, runs);
  say(`${calls.length} questions are measured`);
  const painted = await measureFirstPaint({ stack, sql, logDir, person, organization }, 5, paints);
  say(`Overview is there with its data after ${percentile(painted, 0.5).toFixed(0)} ms, p95 ${percentile(painted, 0.95).toFixed(0)} ms`);

  await withoutRollups(sql);
  const slow = new Map((await measure(sql, person.id, calls.filter(isReference), 1)).map((each) => [each.call, each]));
  say(`${slow.size} of them are asked from the records too`);
  let equal = true;
  let fastSum = 0;
  let slowSum = 0;
  for (const each of fast.toSorted((a, b) => b.p95 - a.p95)) {
    const reference = slow.get(each.call);
    if (reference) {
      fastSum += each.p50;
      slowSum += reference.p50;
      if (reference.answer !== each.answer) {
        equal = false;
        say(`  DIFFERENT: ${toSql(each.call)}`);
      }
    }
    say(
      `  ${describe(each.call).padEnd(44)} p50 ${each.p50.toFixed(1)} ms, p95 ${each.p95.toFixed(1)} ms${reference ? `, from records ${reference.p50.toFixed(0)} ms (${(reference.p50 / each.p50).toFixed(0)} ×)` : ""}`,
    );
  }
  process.stdout.write(
    `${JSON.stringify({
      bench: "dashboard",
      p95_ms: Number(Math.max(...fast.map((each) => each.p95)).toFixed(1)),
      speedup: Number((slowSum / fastSum).toFixed(1)),
      first_paint_p95_ms: Number(percentile(painted, 0.95).toFixed(1)),
      equal,
    })}\n`,
  );
  if (!equal) process.exitCode = 1;
} finally {
  await database.stop();
  await rm(logDir, { recursive: true, force: true });
}
