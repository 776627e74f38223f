import { mkdtemp, readFile, rm } from "node:fs/promises";
import { type AddressInfo, connect, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from "vitest";
import { startDoorProcess } from "../support/door-process.ts";
import { recordOf, usageEvent } from "../support/ingest-cases.ts";
import { makeApiKey, makeOrganization } from "../support/people.ts";
import { type TestStack, testStack } from "../support/stack.ts";

let stack: TestStack;
let folder: string;

beforeAll(async () => {
  stack = await testStack();
  folder = await mkdtemp(join(tmpdir(), "tokentra-health-"));
});
afterAll(() => rm(folder, { recursive: true, force: true }));

/** A server that does not outlive its test, however that ends. */
async function start(...given: Parameters<typeof startDoorProcess>) {
  const doors = await startDoorProcess(...given);
  onTestFinished(() => void doors.child.kill("SIGKILL"));
  return doors;
}

describe("the running server", () => {
  it("reports every dependency of the stack as reached, without naming hosts", async () => {
    const doors = await start(stack);
    for (const path of ["", "/live", "/ready", "/startup"]) expect((await fetch(`${doors.url}/health${path}`)).status).toBe(200);
    const response = await fetch(`${doors.url}/health/dependencies`);
    const text = await response.text();
    const ok = { status: "ok", latency_ms: expect.any(Number) as number };
    expect(JSON.parse(text)).toEqual({ status: "ok", dependencies: { database: ok, supabase_rest: ok, supabase_auth: ok, realtime: ok } });
    expect(text).not.toMatch(/127\.0\.0\.1|localhost|postgres/);
    await doors.stop();
  });

  it("finishes what is under way when it is told to stop, then leaves with 0 and its port closed", async () => {
    const organization = await makeOrganization(stack);
    const { key } = await makeApiKey(stack, organization);
    const logFile = join(folder, "stop.log");
    const doors = await start(stack, { logFile });
    const send = () =>
      fetch(`${doors.url}/api/sdk/v1/track`, {
        method: "POST",
        body: JSON.stringify({ events: Array.from({ length: 500 }, () => usageEvent()) }),
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      });
    await send();
    const underWay = Array.from({ length: 6 }, send);
    // The first answer shows that the others, sent with it, have reached the server.
    await Promise.race(underWay);
    const stopped = doors.stop("SIGTERM");
    for (const response of await Promise.all(underWay)) expect(await response.json()).toMatchObject({ accepted: 500 });
    expect(await stopped).toBe(0);
    await expect(fetch(`${doors.url}/health/live`)).rejects.toThrow();
    const log = await readFile(logFile, "utf8");
    expect(log).toContain('"msg":"stopped"');
    expect(log).toContain(organization.id);
    expect(log).not.toContain(key);
    expect(log).not.toContain(key.slice(-20));
  });

  it("refuses to start with a weak setting and names it", async () => {
    await expect(startDoorProcess({ ...stack, databaseUrl: "postgres://postgres:postgres@127.0.0.1:1/postgres" })).rejects.toThrow();
  });

  it("answers 503 while its database is away, acknowledges nothing, and comes back by itself", async () => {
    const road = await openRoad(new URL(stack.databaseUrl));
    onTestFinished(() => road.close());
    const doors = await start({ ...stack, databaseUrl: road.url });
    const organization = await makeOrganization(stack);
    const { key } = await makeApiKey(stack, organization);
    const event = usageEvent();
    const send = () =>
      fetch(`${doors.url}/api/sdk/v1/track`, {
        method: "POST",
        body: JSON.stringify({ events: [event] }),
        headers: { authorization: `Bearer ${key}`, "content-type": "application/json" },
      });
    road.close();
    const refused = await send();
    expect([refused.status, refused.headers.get("retry-after")]).toEqual([503, "2"]);
    expect(JSON.stringify(await refused.json())).not.toMatch(/ECONN|127\.0\.0\.1|CONNECTION/);
    expect((await fetch(`${doors.url}/health/live`)).status).toBe(200);
    await expect.poll(async () => (await fetch(`${doors.url}/health/ready`)).status, { timeout: 5_000 }).toBe(503);
    expect(await recordOf(stack, organization, String(event.request_id))).toBeNull();
    await road.reopen();
    await expect.poll(async () => (await send()).status, { timeout: 10_000 }).toBe(200);
    await expect.poll(async () => (await fetch(`${doors.url}/health/ready`)).status, { timeout: 5_000 }).toBe(200);
    await doors.stop();
  });
});

/** A way to the database that can be closed without touching the database, which other tests use. */
async function openRoad(database: URL) {
  const travellers = new Set<Socket>();
  const keep = (socket: Socket) => {
    travellers.add(socket.on("error", () => {}).on("close", () => travellers.delete(socket)));
    return socket;
  };
  const server = createServer((near) => {
    const far = keep(connect(Number(database.port), database.hostname));
    keep(near).pipe(far).pipe(near);
  });
  const listen = (port: number) => new Promise<void>((resolve) => server.listen(port, "127.0.0.1", resolve));
  await listen(0);
  const { port } = server.address() as AddressInfo;
  const url = new URL(database);
  url.hostname = "127.0.0.1";
  url.port = String(port);
  return {
    url: url.href,
    close() {
      server.close();
      for (const socket of travellers) socket.destroy();
    },
    reopen: () => listen(port),
  };
}
