import { randomUUID } from "node:crypto";
import { REALTIME_SUBSCRIBE_STATES } from "@supabase/supabase-js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ANON_KEY, Inbox, join, startServer, type TestServer } from "./realtime-support.ts";
import { sharedStack } from "./support.ts";

type Message = { event: string; payload: Record<string, unknown>; meta?: { id: string; replayed?: boolean } };

let server: TestServer;
beforeAll(async () => {
  server = await startServer();
});
afterAll(() => server.close());

const { SUBSCRIBED } = REALTIME_SUBSCRIBE_STATES;

describe.each(["1.0.0", "2.0.0"] as const)("broadcast over protocol %s", (vsn) => {
  test("reaches the others on the topic and not the sender, unless it asked for its own", async () => {
    const topic = randomUUID();
    const [first, second, own] = [new Inbox<Message>(), new Inbox<Message>(), new Inbox<Message>()];
    const sender = server.connect(undefined, vsn).channel(topic).on("broadcast", { event: "*" }, first.push);
    const other = server.connect(undefined, vsn).channel(topic).on("broadcast", { event: "*" }, second.push);
    const loud = server.connect(undefined, vsn).channel(topic, { config: { broadcast: { self: true } } });
    loud.on("broadcast", { event: "*" }, own.push);
    for (const channel of [sender, other, loud]) expect((await join(channel)).status).toBe(SUBSCRIBED);

    await sender.send({ type: "broadcast", event: "e1", payload: { text: "grüße 🎈" } });
    expect((await second.find()).payload).toEqual({ text: "grüße 🎈" });
    await loud.send({ type: "broadcast", event: "e2", payload: { n: 2 } });
    await own.find((message) => message.event === "e2");
    await first.find((message) => message.event === "e2");
    expect(first.all.map((message) => message.event)).toEqual(["e2"]);
  });

  test("is acknowledged when the sender wants that", async () => {
    const channel = server.connect(undefined, vsn).channel(randomUUID(), { config: { broadcast: { ack: true } } });
    await join(channel);
    expect(await channel.send({ type: "broadcast", event: "e", payload: {} })).toBe("ok");
  });
});

test("bytes stay bytes between two clients", async () => {
  const topic = randomUUID();
  const inbox = new Inbox<{ payload: ArrayBuffer }>();
  const receiver = server
    .connect()
    .channel(topic)
    .on("broadcast", { event: "bytes" }, inbox.push as never);
  const sender = server.connect().channel(topic);
  await join(receiver);
  await join(sender);
  await sender.send({ type: "broadcast", event: "bytes", payload: new Uint8Array([0, 255, 7]).buffer as never });
  expect([...new Uint8Array((await inbox.find()).payload)]).toEqual([0, 255, 7]);
});

test("a private and a public channel of one name do not hear each other", async () => {
  const topic = randomUUID();
  const inbox = new Inbox<Message>();
  const open = server.connect("service").channel(topic).on("broadcast", { event: "*" }, inbox.push);
  const closed = server.connect("service").channel(topic, { config: { private: true, broadcast: { ack: true } } });
  expect((await join(open)).status).toBe(SUBSCRIBED);
  expect((await join(closed)).status).toBe(SUBSCRIBED);
  expect(await closed.send({ type: "broadcast", event: "secret", payload: {} })).toBe("ok");
  await server.connect().channel(topic).httpSend("public", { n: 1 });
  await inbox.find((message) => message.event === "public");
  expect(inbox.all.map((message) => message.event)).toEqual(["public"]);
});

describe("over HTTP", () => {
  test("many messages at once, and one at a time with its topic in the path", async () => {
    const topic = `room:${randomUUID()}`;
    const inbox = new Inbox<Message>();
    await join(server.connect().channel(topic).on("broadcast", { event: "*" }, inbox.push));
    const batch = await fetch(`${server.url}/realtime/v1/api/broadcast`, {
      method: "POST",
      headers: { apikey: ANON_KEY, "content-type": "application/json" },
      body: JSON.stringify({ messages: [1, 2].map((n) => ({ topic, event: "many", payload: { n } })) }),
    });
    expect(batch.status).toBe(202);
    await inbox.find((message) => message.payload.n === 2);
    const single = await server.connect().channel(topic).httpSend("one event", { n: 3 });
    expect(single.success).toBe(true);
    expect((await inbox.find((message) => message.payload.n === 3)).event).toBe("one event");
  });

  test.each([
    ["a wrong key", "nonsense", '{"messages":[]}', 401],
    ["no JSON", ANON_KEY, "{", 400],
    ["no messages", ANON_KEY, "{}", 422],
    ["a message without topic", ANON_KEY, '{"messages":[{"event":"e","payload":{}}]}', 422],
  ])("answers %s without a 500", async (_name, apikey, body, status) => {
    const headers = { apikey, "content-type": "application/json" };
    const answer = await fetch(`${server.url}/realtime/v1/api/broadcast`, { method: "POST", headers, body });
    expect(answer.status).toBe(status);
  });
});

describe("from the database", () => {
  test("arrives when the transaction commits, with its id, and not when it rolls back", async () => {
    const { sql } = sharedStack();
    const topic = randomUUID();
    const inbox = new Inbox<Message>();
    const channel = server.connect("service").channel(topic, { config: { private: true } });
    await join(channel.on("broadcast", { event: "*" }, inbox.push));
    await sql
      .begin(async (tx) => {
        await tx`select realtime.send('{"n":1}', 'lost', ${topic})`;
        throw new Error("roll back");
      })
      .catch(() => {});
    await sql`select realtime.send('{"n":2}', 'kept', ${topic})`;
    const message = await inbox.find();
    expect(message.event).toBe("kept");
    expect(message.payload).toEqual({ n: 2, id: message.meta?.id });
  });

  test("is larger than a notification may be, and may be bytes", async () => {
    const { sql } = sharedStack();
    const topic = randomUUID();
    const inbox = new Inbox<{ event: string; payload: unknown }>();
    const channel = server.connect("service").channel(topic, { config: { private: true } });
    await join(channel.on("broadcast", { event: "*" }, inbox.push));
    const text = "x".repeat(100_000);
    await sql`select realtime.send(jsonb_build_object('text', ${text}::text), 'large', ${topic})`;
    await sql`select realtime.send_binary('\\x00ff'::bytea, 'bytes', ${topic})`;
    expect((await inbox.find((message) => message.event === "large")).payload).toMatchObject({ text });
    const { payload } = await inbox.find((message) => message.event === "bytes");
    expect([...new Uint8Array(payload as ArrayBuffer)]).toEqual([0, 255]);
  });

  test("is replayed to a client that asks for what it missed", async () => {
    const { sql } = sharedStack();
    const topic = randomUUID();
    const since = Date.now() - 1000;
    for (const n of [1, 2, 3]) await sql`select realtime.send(jsonb_build_object('n', ${n}::int), 'e', ${topic})`;
    const inbox = new Inbox<Message>();
    const channel = server.connect("service").channel(topic, { config: { private: true, broadcast: { replay: { since, limit: 2 } } } });
    await join(channel.on("broadcast", { event: "e" }, inbox.push));
    await inbox.find((message) => message.payload.n === 3);
    expect(inbox.all.map((message) => [message.payload.n, message.meta?.replayed])).toEqual([
      [2, true],
      [3, true],
    ]);
  });
});
