import { randomUUID } from "node:crypto";
import { REALTIME_SUBSCRIBE_STATES } from "@supabase/supabase-js";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { WebSocket } from "ws";
import { Inbox, join, person, startServer, type TestServer } from "./realtime-support.ts";
import { eventually, sharedStack, unique } from "./support.ts";

const RECHECK_MS = 200;
const { SUBSCRIBED, CHANNEL_ERROR } = REALTIME_SUBSCRIBE_STATES;
const PRIVATE = { config: { private: true } };
const guests = unique("guests");
/** Topics of this file, so that its policies touch no other file's. */
const roomName = () => `${guests}:${randomUUID()}`;

let server: TestServer;
beforeAll(async () => {
  server = await startServer({ recheckIntervalMs: RECHECK_MS });
  // As a migration would: role postgres, no superuser.
  await sharedStack().sql.unsafe(`
    create table public.${guests} (topic text, user_id uuid, may_write boolean default false);
    grant select on public.${guests} to authenticated;
    create policy ${guests}_read on realtime.messages for select to authenticated using (
      realtime.topic() like '${guests}:%' and topic = realtime.topic()
      and exists (select from public.${guests} g where g.topic = realtime.topic() and g.user_id = auth.uid()));
    create policy ${guests}_write on realtime.messages for insert to authenticated with check (
      realtime.topic() like '${guests}:%'
      and exists (select from public.${guests} g where g.topic = realtime.topic() and g.user_id = auth.uid() and g.may_write));
  `);
});
afterAll(async () => {
  await server.close();
  await sharedStack().sql.unsafe(
    `drop policy ${guests}_read on realtime.messages; drop policy ${guests}_write on realtime.messages; drop table public.${guests}`,
  );
});

async function invite(topic: string, userId: string, mayWrite = false): Promise<void> {
  const { sql } = sharedStack();
  await sql`insert into public.${sql(guests)} values (${topic}, ${userId}, ${mayWrite})`;
}

describe("joining a private channel", () => {
  test("is refused without a policy that lets one read, and the reason is told", async () => {
    const topic = roomName();
    for (const client of [server.connect(), server.connect(await person())]) {
      const { status, error } = await join(client.channel(topic, PRIVATE));
      expect(status).toBe(CHANNEL_ERROR);
      expect(error?.message).toContain(`Unauthorized: You do not have permissions to read from this Channel topic: ${topic}`);
    }
  });

  test("is allowed for whom the policy names, on that topic only", async () => {
    const topic = roomName();
    const guest = await person();
    await invite(topic, guest.id);
    expect((await join(server.connect(guest).channel(topic, PRIVATE))).status).toBe(SUBSCRIBED);
    expect((await join(server.connect(guest).channel(roomName(), PRIVATE))).status).toBe(CHANNEL_ERROR);
  });

  test("leaves no probe row behind", async () => {
    const topic = roomName();
    const guest = await person();
    await invite(topic, guest.id, true);
    const channel = server.connect(guest).channel(topic, { config: { private: true, broadcast: { ack: true } } });
    await join(channel);
    expect(await channel.send({ type: "broadcast", event: "e", payload: {} })).toBe("ok");
    const [row] = await sharedStack().admin`select count(*)::int as n from realtime.messages where topic = ${topic}`;
    expect(row?.n).toBe(0);
  });

  test.each([
    ["an expired token", () => person({}, -10), "InvalidJWTToken: Token has expired"],
    ["a forged token", async () => ({ id: "", token: `${(await person()).token.slice(0, -4)}AAAA` }), "JwtSignatureError"],
    ["a token without a role", () => person({ role: undefined }), "InvalidJWTToken: Fields `role` and `exp`"],
    ["a token that names a superuser role", () => person({ role: "supabase_admin" }), "Unauthorized: Role"],
  ])("is refused with %s", async (_name, make, reason) => {
    const { status, error } = await join(server.connect(await make()).channel(roomName(), PRIVATE));
    expect(status).toBe(CHANNEL_ERROR);
    expect(error?.message).toContain(reason);
  });

  test("is refused, not crashed, by a policy that fails", async () => {
    const stranger = await person({}, 3600, "not-a-uuid");
    expect((await join(server.connect(stranger).channel(roomName(), PRIVATE))).status).toBe(CHANNEL_ERROR);
  });
});

test("a socket without a valid key is not opened", async () => {
  const socket = new WebSocket(`${server.url.replace("http", "ws")}/realtime/v1/websocket?apikey=wrong&vsn=2.0.0`);
  const status = await new Promise((resolve) => {
    socket.on("unexpected-response", (_request, response) => resolve(response.statusCode));
    socket.on("error", () => {});
  });
  expect(status).toBe(401);
});

test("writing needs a policy of its own; a refused broadcast reaches nobody", async () => {
  const topic = roomName();
  const [reader, writer] = [await person(), await person()];
  await invite(topic, reader.id);
  await invite(topic, writer.id, true);
  const inbox = new Inbox<{ event: string }>();
  const reading = server.connect(reader).channel(topic, PRIVATE);
  const writing = server.connect(writer).channel(topic, PRIVATE);
  await join(writing.on("broadcast", { event: "*" }, inbox.push));
  await join(reading.on("broadcast", { event: "*" }, inbox.push));
  await reading.send({ type: "broadcast", event: "refused", payload: {} });
  expect((await reading.httpSend("refused too", {})).success).toBe(true);
  await writing.send({ type: "broadcast", event: "allowed", payload: {} });
  await writing.httpSend("allowed too", {});
  await inbox.find((message) => message.event === "allowed too");
  await inbox.find((message) => message.event === "allowed");
  expect(new Set(inbox.all.map((message) => message.event))).toEqual(new Set(["allowed", "allowed too"]));
});

describe("an open private channel", () => {
  test("is closed when its reader is removed, while the others stay", async () => {
    const { sql } = sharedStack();
    const topic = roomName();
    const [removed, staying] = [await person(), await person()];
    await invite(topic, removed.id);
    await invite(topic, staying.id);
    const told = new Inbox<{ status: string; message: string }>();
    const heard = new Inbox<{ event: string }>();
    const lost = server.connect(removed).channel(topic, PRIVATE);
    const kept = server.connect(staying).channel(topic, PRIVATE);
    lost.on("system", {}, told.push).on("broadcast", { event: "*" }, heard.push);
    const keptHeard = new Inbox<{ event: string }>();
    await join(lost);
    await join(kept.on("broadcast", { event: "*" }, keptHeard.push));

    await sql`delete from public.${sql(guests)} where user_id = ${removed.id}`;
    const notice = await told.find(({ status }) => status === "error");
    expect(notice.message).toContain("You no longer have permission to read");
    await sql`select realtime.send('{}', 'after', ${topic})`;
    await keptHeard.find(({ event }) => event === "after");
    expect(heard.all).toEqual([]);
  });

  test("survives a policy of somebody else that fails during the check", async () => {
    const { sql } = sharedStack();
    const topic = roomName();
    const [guest, broken] = [await person(), await person({}, 3600, randomUUID())];
    await invite(topic, guest.id);
    await invite(topic, broken.id);
    const heard = new Inbox<{ event: string }>();
    const told = new Inbox<{ status: string }>();
    await join(server.connect(guest).channel(topic, PRIVATE).on("broadcast", { event: "*" }, heard.push));
    await join(server.connect(broken).channel(topic, PRIVATE).on("system", {}, told.push));
    const policy = unique("failing");
    await sql.unsafe(`create policy ${policy} on realtime.messages as restrictive for select to authenticated
      using (case when auth.uid() = '${broken.id}' and topic = '${topic}' then 1 / (extension = '')::int = 1 else true end)`);
    await told.find(({ status }) => status === "error");
    await sql.unsafe(`drop policy ${policy} on realtime.messages`);
    await sql`select realtime.send('{}', 'still here', ${topic})`;
    await heard.find(({ event }) => event === "still here");
  });

  test("loses the right to write as soon as the check has run again", async () => {
    const { sql } = sharedStack();
    const topic = roomName();
    const writer = await person();
    await invite(topic, writer.id, true);
    const channel = server.connect(writer).channel(topic, { config: { private: true, broadcast: { self: true } } });
    const heard = new Inbox<{ event: string }>();
    await join(channel.on("broadcast", { event: "*" }, heard.push));
    await channel.send({ type: "broadcast", event: "first", payload: {} });
    await heard.find();
    await sql`update public.${sql(guests)} set may_write = false where topic = ${topic}`;
    await eventually(async () => {
      const before = heard.all.length;
      await channel.send({ type: "broadcast", event: "more", payload: {} });
      await new Promise((resolve) => setTimeout(resolve, 30));
      return heard.all.length === before;
    });
  });

  test("is closed when a new token may no longer read it", async () => {
    const topic = roomName();
    const [guest, stranger] = [await person(), await person()];
    await invite(topic, guest.id);
    const client = server.connect(guest);
    const told = new Inbox<{ status: string; message: string }>();
    await join(client.channel(topic, PRIVATE).on("system", {}, told.push));
    await client.realtime.setAuth(stranger.token);
    expect((await told.find(({ status }) => status === "error")).message).toContain("You no longer have permission to read");
  });

  test("is closed when its token expires, and lives on with a new one", async () => {
    const topic = roomName();
    const short = await person({}, 2);
    const renewed = await person({}, 3600, short.id);
    await invite(topic, short.id);
    const [expiring, renewing] = [server.connect(short), server.connect(short)];
    const [ends, lives] = [new Inbox<{ status: string; message: string }>(), new Inbox<{ status: string }>()];
    const heard = new Inbox<{ event: string }>();
    await join(expiring.channel(topic, PRIVATE).on("system", {}, ends.push));
    await join(renewing.channel(topic, PRIVATE).on("system", {}, lives.push).on("broadcast", { event: "*" }, heard.push));
    await renewing.realtime.setAuth(renewed.token);
    expect((await ends.find(({ status }) => status === "error")).message).toBe("Token has expired");
    await sharedStack().sql`select realtime.send('{}', 'later', ${topic})`;
    await heard.find(({ event }) => event === "later");
    expect(lives.all).toEqual([]);
  });
});
