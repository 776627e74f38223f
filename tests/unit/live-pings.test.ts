import { QueryClient, QueryObserver } from "@tanstack/react-query";
import { afterEach, beforeEach, expect, it, vi } from "vitest";
import { coalesce } from "../../lib/supabase/live.ts";

beforeEach(() => void vi.useFakeTimers());
afterEach(() => void vi.useRealTimers());

function listener() {
  const stale: string[] = [];
  const busy = new Set<string>();
  const client = {
    isFetching: (filter?: { queryKey?: readonly unknown[] }) => (busy.has(String(filter?.queryKey?.[0])) ? 1 : 0),
    invalidateQueries: async (filter?: { queryKey?: readonly unknown[] }) => void stale.push(String(filter?.queryKey?.[0])),
  };
  return { stale, busy, pings: coalesce(client, 1000) };
}

it("passes the first ping on at once and the rest together, at most once a second", () => {
  const { stale, pings } = listener();
  pings.ping("usage");
  expect(stale).toEqual(["usage"]);
  for (let count = 0; count < 50; count += 1) pings.ping("usage");
  expect(stale).toHaveLength(1);
  vi.advanceTimersByTime(1000);
  expect(stale).toEqual(["usage", "usage"]);
  vi.advanceTimersByTime(5000);
  expect(stale).toHaveLength(2);
});

it("loses no ping: the last one is always followed by a refresh", () => {
  const { stale, pings } = listener();
  pings.ping("usage");
  vi.advanceTimersByTime(999);
  pings.ping("usage");
  pings.ping("budgets");
  vi.advanceTimersByTime(1);
  expect(stale).toEqual(["usage", "usage", "budgets"]);
});

it("lets a slow answer arrive before it asks again, but not for ever", () => {
  const { stale, busy, pings } = listener();
  busy.add("usage");
  pings.ping("usage");
  vi.advanceTimersByTime(3000);
  expect(stale).toEqual([]);
  busy.clear();
  vi.advanceTimersByTime(1000);
  expect(stale).toEqual(["usage"]);
  busy.add("usage");
  pings.ping("usage");
  vi.advanceTimersByTime(30_000);
  expect(stale).toEqual(["usage", "usage"]);
});

it("lets a failed question rest, so that its error can be read, and then asks it again", async () => {
  const client = new QueryClient({ defaultOptions: { queries: { retry: false } } });
  let asked = 0;
  const stop = new QueryObserver(client, {
    queryKey: ["usage", "broken"],
    queryFn: () => {
      asked += 1;
      return Promise.reject(new Error("no answer"));
    },
  }).subscribe(() => {});
  const pings = coalesce(client, 1000);
  await vi.advanceTimersByTimeAsync(100);
  for (let second = 0; second < 9; second += 1) {
    pings.ping("usage");
    await vi.advanceTimersByTimeAsync(1000);
  }
  expect(asked).toBe(1);
  await vi.advanceTimersByTimeAsync(1000);
  pings.ping("usage");
  await vi.advanceTimersByTimeAsync(1000);
  expect(asked).toBe(2);
  pings.stop();
  stop();
  client.clear();
});

it("is quiet after it was stopped", () => {
  const { stale, pings } = listener();
  pings.ping("usage");
  pings.ping("usage");
  pings.stop();
  vi.advanceTimersByTime(5000);
  expect(stale).toHaveLength(1);
});
