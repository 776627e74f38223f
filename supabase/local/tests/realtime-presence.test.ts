import { randomUUID } from "node:crypto";
import type { RealtimeChannel } from "@supabase/supabase-js";
import { afterAll, beforeAll, expect, test } from "vitest";
import { join, startServer, type TestServer } from "./realtime-support.ts";
import { eventually } from "./support.ts";

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

async function enter(topic: string, key: string, isPrivate = false): Promise<RealtimeChannel> {
  const client = server.connect(isPrivate ? "service" : undefined);
  const channel = client.channel(topic, { config: { private: isPrivate, presence: { key } } });
  channel.on("presence", { event: "sync" }, () => {});
  await join(channel);
  return channel;
}

const present = (channel: RealtimeChannel) => Object.keys(channel.presenceState()).sort();

test.each([false, true])("everybody sees who comes, changes and goes (private: %s)", async (isPrivate) => {
  const topic = randomUUID();
  const ada = await enter(topic, "ada", isPrivate);
  expect(await ada.track({ mood: "calm" })).toBe("ok");
  const bob = await enter(topic, "bob", isPrivate);
  await eventually(async () => present(bob).join() === "ada");
  await bob.track({ mood: "late" });
  await eventually(async () => present(ada).join() === "ada,bob");

  await bob.track({ mood: "happy" });
  await eventually(
    async () =>
      ada
        .presenceState<{ mood: string }>()
        .bob?.map(({ mood }) => mood)
        .join() === "happy",
  );
  await ada.untrack();
  await eventually(async () => present(bob).join() === "bob");
});

test("a lost connection is a departure", async () => {
  const topic = randomUUID();
  const [ada, bob] = [await enter(topic, "ada"), await enter(topic, "bob")];
  await bob.track({});
  await eventually(async () => present(ada).join() === "bob");
  await bob.socket.disconnect();
  await eventually(async () => present(ada).length === 0);
});

test("two tabs of one user are one key with two entries", async () => {
  const topic = randomUUID();
  const [first, second] = [await enter(topic, "ada"), await enter(topic, "ada")];
  await first.track({ tab: 1 });
  await second.track({ tab: 2 });
  await eventually(async () => first.presenceState().ada?.length === 2);
  await second.untrack();
  await eventually(async () => first.presenceState().ada?.length === 1);
});
