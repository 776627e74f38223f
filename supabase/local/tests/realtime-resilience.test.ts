import { randomUUID } from "node:crypto";
import { expect, test } from "vitest";
import { WebSocket } from "ws";
import { ANON_KEY, Inbox, join, startServer, type TestServer } from "./realtime-support.ts";
import { eventually, sharedStack } from "./support.ts";

type Wire = [string | null, string | null, string, string, Record<string, unknown>];

async function withServer(work: (server: TestServer) => Promise<void>): Promise<void> {
  const server = await startServer();
  try {
    await work(server);
  } finally {
    await server.close();
  }
}

/** A bare websocket, for what the real client would never send. */
async function rawSocket(server: TestServer) {
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/realtime/v1/websocket?apikey=${ANON_KEY}&vsn=2.0.0`);
  const inbox = new Inbox<Wire>();
  socket.on("message", (data, isBinary) => isBinary || inbox.push(JSON.parse(data.toString()) as Wire));
  await new Promise((resolve) => socket.once("open", resolve));
  const closed = new Promise<number>((resolve) => socket.once("close", resolve));
  return { socket, inbox, closed };
}

const slots = () => sharedStack().admin`select pid from pg_stat_replication where application_name = 'realtime'`;

test("a lost replication connection comes back, and clients join again because they may have missed something", async () => {
  const before = new Set((await slots()).map(({ pid }) => pid));
  await withServer(async (server) => {
    const { admin, sql } = sharedStack();
    const topic = randomUUID();
    const heard = new Inbox<{ event: string }>();
    const states = new Inbox<string>();
    const channel = server.connect("service").channel(topic, { config: { private: true } });
    await channel.socket.setAuth();
    channel.on("broadcast", { event: "*" }, heard.push).subscribe((status) => states.push(status));
    await states.find((status) => status === "SUBSCRIBED");

    const own = (await slots()).filter(({ pid }) => !before.has(pid)).map(({ pid }) => pid);
    expect(own).toHaveLength(1);
    await admin`select pg_terminate_backend(${own[0]})`;
    await eventually(async () => states.all.filter((status) => status === "SUBSCRIBED").length === 2);
    await sql`select realtime.send('{}', 'after', ${topic})`;
    await heard.find(({ event }) => event === "after");
  });
});

test("closing leaves no slot behind and tells the clients", async () => {
  const { admin } = sharedStack();
  const server = await startServer();
  const [row] = await admin`select count(*)::int as n from pg_replication_slots where slot_name like 'realtime_%' and temporary`;
  expect(row?.n).toBeGreaterThan(0);
  const own = await admin`select active_pid from pg_replication_slots where slot_name like 'realtime_%'`;
  const { closed } = await rawSocket(server);
  await server.close();
  expect(await closed).toBe(1001);
  await eventually(async () => {
    const left = await admin`select slot_name from pg_replication_slots where not active`;
    const still = await admin`select 1 from pg_replication_slots where slot_name like 'realtime_%'`;
    return left.length === 0 && still.length < own.length;
  });
});

test("two servers on one database both hear everything", async () => {
  await withServer(async (first) => {
    await withServer(async (second) => {
      const topic = randomUUID();
      const inboxes = [new Inbox<{ event: string }>(), new Inbox<{ event: string }>()];
      for (const [index, server] of [first, second].entries()) {
        await join(
          server
            .connect("service")
            .channel(topic, { config: { private: true } })
            .on("broadcast", { event: "*" }, inboxes[index]!.push),
        );
      }
      await sharedStack().sql`select realtime.send('{}', 'both', ${topic})`;
      for (const inbox of inboxes) await inbox.find(({ event }) => event === "both");
    });
  });
});

test.each([
  ["text that is no JSON", "{"],
  ["JSON that is no frame", "42"],
  ["a frame without a topic", "[null,null,null,null,{}]"],
  ["a binary frame of an unknown kind", Buffer.from([9, 0, 0])],
  ["a binary frame shorter than its fields", Buffer.from([3, 200, 1, 1, 1, 0, 1, 65])],
])("%s closes that socket and no other", async (_name, data) => {
  await withServer(async (server) => {
    const [bad, good] = [await rawSocket(server), await rawSocket(server)];
    bad.socket.send(data);
    expect(await bad.closed).toBe(1007);
    good.socket.send('[null,"1","phoenix","heartbeat",{}]');
    expect((await good.inbox.find())[4]).toEqual({ status: "ok", response: {} });
    good.socket.close();
  });
});

test("a frame over the limit closes the socket", async () => {
  await withServer(async (server) => {
    const { socket, closed } = await rawSocket(server);
    socket.send(JSON.stringify([null, "1", "phoenix", "heartbeat", { text: "x".repeat(3_100_000) }]));
    expect(await closed).toBe(1009);
  });
});

test("one connection may not join without end, and an unknown topic is answered", async () => {
  await withServer(async (server) => {
    const { socket, inbox } = await rawSocket(server);
    for (let n = 0; n < 101; n++) socket.send(JSON.stringify([`${n}`, `${n}`, `realtime:many:${n}`, "phx_join", { config: {} }]));
    const [, , , , last] = await inbox.find(([, ref]) => ref === "100");
    expect(last).toMatchObject({ status: "error", response: { reason: "ChannelRateLimitReached: Too many channels" } });
    expect(inbox.all.filter(([, , , event, payload]) => event === "phx_reply" && payload.status === "ok")).toHaveLength(100);
    socket.send('[null,"x","realtime:never joined","broadcast",{"event":"e"}]');
    expect((await inbox.find(([, ref]) => ref === "x"))[4]).toMatchObject({ status: "error" });
    socket.close();
  });
});

test("frames of one connection are handled in order, however many come at once", async () => {
  await withServer(async (server) => {
    const { socket, inbox } = await rawSocket(server);
    socket.send('["1","1","realtime:order","phx_join",{"config":{"broadcast":{"ack":true}}}]');
    for (let n = 0; n < 2_000; n++) {
      socket.send(JSON.stringify(["1", `b${n}`, "realtime:order", "broadcast", { type: "broadcast", event: "e", payload: { n } }]));
    }
    await inbox.find(([, ref]) => ref === "b1999");
    const refs = inbox.all.map(([, ref]) => ref).filter((ref) => ref?.startsWith("b"));
    expect(refs).toEqual(Array.from({ length: 2_000 }, (_, n) => `b${n}`));
    socket.close();
  });
});

test("old partitions go, coming ones are there, and what lies outside them is kept", async () => {
  const { admin } = sharedStack();
  await admin.unsafe(
    `create table realtime.messages_2020_01_01 partition of realtime.messages for values from ('2020-01-01') to ('2020-01-02')`,
  );
  await admin`insert into realtime.messages (topic, extension, inserted_at) values ('t', 'broadcast', '2019-06-01'), ('far', 'broadcast', now() + interval '40 days')`;
  await admin`select realtime.maintain_messages()`;
  const names = (await admin`select relname from pg_class where relname like 'messages\\_2%' and relkind = 'r'`).map(
    ({ relname }) => relname,
  );
  expect(names).not.toContain("messages_2020_01_01");
  expect(names.length).toBeGreaterThanOrEqual(5);
  const rows = await admin`select topic from only realtime.messages_default`;
  expect(rows.map(({ topic }) => topic)).toEqual(["far"]);
  await admin`delete from realtime.messages_default`;
});
