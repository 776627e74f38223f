import { expect, it } from "vitest";
import { testStack } from "../../tests/support/stack.ts";

it("a latency that was not measured is in no bucket, and one of zero is in the first", async () => {
  const { sql } = await testStack();
  const [row] = await sql`
    select private.latency_bucket(null) as unknown, private.latency_bucket(0) as zero, private.latency_bucket(1) as one, private.latency_bucket(2) as two`;
  expect(row).toEqual({ unknown: null, zero: 0, one: 0, two: 3 });
});

it("percentiles lie within the width of their bucket, a fifth, of what the requests themselves say", async () => {
  const { sql } = await testStack();
  const [row] = await sql<{ p50: number; p95: number; exact50: number; exact95: number }[]>`
    with latencies as (select (exp(i * 0.0011) * 40)::integer as ms from generate_series(1, 5000) i),
      histogram as (select sum(b.unit) as total from latencies l join private.latency_buckets b on b.bucket = private.latency_bucket(l.ms)),
      exact as (select percentile_disc(0.5) within group (order by ms) as exact50, percentile_disc(0.95) within group (order by ms) as exact95 from latencies)
    select p.p50_ms as p50, p.p95_ms as p95, exact50, exact95 from histogram, exact, lateral private.latency_percentiles(histogram.total) p`;
  if (!row) throw new Error("no row");
  expect(Math.abs(row.p50 / row.exact50 - 1)).toBeLessThan(0.2);
  expect(Math.abs(row.p95 / row.exact95 - 1)).toBeLessThan(0.2);
});
