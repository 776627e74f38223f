import { spawn } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { mkdtemp, rm, stat } from "node:fs/promises";
import { createServer } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import postgres from "postgres";
import { afterEach, expect, test, vi } from "vitest";
import { freePort } from "../free-port.ts";
import { isRunning } from "../process-identity.ts";
import { type SpawnedStack, spawnStack } from "./spawn-stack.ts";
import { eventually } from "./support.ts";

// Each test starts stacks of its own, on a machine that may be busy with everything else.
vi.setConfig({ testTimeout: 120_000 });

const siteUrl = "http://127.0.0.1:3000";
const functionsDir = fileURLToPath(new URL("./fixtures/functions", import.meta.url));
const cleanups: (() => Promise<void>)[] = [];
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).reverse()) await cleanup();
});

async function dataDir(): Promise<string> {
  const dir = await mkdtemp(join(tmpdir(), "tokentra-stack-"));
  cleanups.push(() => rm(dir, { recursive: true, force: true }));
  return dir;
}

async function start(dir: string): Promise<SpawnedStack> {
  const stack = await spawnStack({ dataDir: dir, siteUrl, functionsDir });
  cleanups.push(stack.stop);
  return stack;
}

const postmaster = (dir: string) => Number(readFileSync(join(dir, "postgres", "postmaster.pid"), "utf8").split("\n")[0]);

async function query<T>(url: string, work: (sql: postgres.Sql) => Promise<T>): Promise<T> {
  const sql = postgres(url, { max: 1, onnotice: () => {}, connect_timeout: 5 });
  try {
    return await work(sql);
  } finally {
    await sql.end({ timeout: 1 });
  }
}

test("a stack stops completely, and starts again with its data, users, keys and tokens", async () => {
  const dir = await dataDir();
  const first = await start(dir);
  await query(first.shared.databaseUrl, (sql) => sql.unsafe("create table public.kept (id int); insert into public.kept values (7)"));
  const pid = postmaster(dir);
  await first.stop();
  expect(isRunning(pid)).toBe(false);
  expect(existsSync(join(dir, "postgres", "postmaster.pid"))).toBe(false);
  expect(existsSync(join(dir, "stack.lock"))).toBe(false);

  const second = await start(dir);
  expect(second.shared.secretKey).toBe(first.shared.secretKey);
  expect((await query(second.shared.databaseUrl, (sql) => sql`select id from public.kept`))[0]).toEqual({ id: 7 });
  expect((await stat(join(dir, "secrets.json"))).mode & 0o777).toBe(0o600);
});

test("after kill -9 of the stack the next start stops its Postgres and its functions, and serves", async () => {
  const dir = await dataDir();
  const first = await start(dir);
  await query(first.shared.databaseUrl, (sql) => sql.unsafe("create table public.kept (id int); insert into public.kept values (7)"));
  const hello = async (stack: SpawnedStack) =>
    (await fetch(`${stack.shared.supabaseUrl}/functions/v1/hello`, { headers: { apikey: stack.shared.publishableKey } })).json();
  const orphanFunction = (await hello(first)).pid as number;
  const orphanPostgres = postmaster(dir);
  first.child.kill("SIGKILL");
  await eventually(async () => first.child.signalCode);
  expect(isRunning(orphanPostgres)).toBe(true);
  expect(isRunning(orphanFunction)).toBe(true);

  const second = await start(dir);
  expect(isRunning(orphanPostgres)).toBe(false);
  expect(isRunning(orphanFunction)).toBe(false);
  expect((await query(second.shared.databaseUrl, (sql) => sql`select id from public.kept`))[0]).toEqual({ id: 7 });
  const slots = await query(second.shared.adminUrl, (sql) => sql`select slot_name from pg_replication_slots where not active`);
  expect([...slots]).toEqual([]);
});

test("a Postgres that is killed comes back on the same port with what was committed, and the API serves again", async () => {
  const dir = await dataDir();
  const stack = await start(dir);
  await query(stack.shared.databaseUrl, (sql) =>
    sql.unsafe("create table public.kept (id int); grant select on public.kept to anon; insert into public.kept values (7)"),
  );
  const read = () => fetch(`${stack.shared.supabaseUrl}/rest/v1/kept`, { headers: { apikey: stack.shared.publishableKey } });
  await eventually(async () => (await read()).status === 200);
  // Requests under way and after the kill may fail; none may take the stack with it.
  const during = Array.from({ length: 20 }, () =>
    read().then(
      (reply) => reply.status,
      () => 0,
    ),
  );
  process.kill(postmaster(dir), "SIGKILL");
  await Promise.all([
    ...during,
    ...Array.from({ length: 5 }, () =>
      read().then(
        (reply) => reply.status,
        () => 0,
      ),
    ),
  ]);
  await eventually(async () => (await read()).status === 200, 20_000);
  expect(await (await read()).json()).toEqual([{ id: 7 }]);
  expect(stack.child.exitCode).toBeNull();
  const name = (await query(stack.shared.databaseUrl, (sql) => sql`select current_setting('port') as port`))[0]?.port;
  expect(new URL(stack.shared.databaseUrl).port).toBe(name);
});

test("a pid file of somebody else's process is not trusted with a kill", async () => {
  const dir = await dataDir();
  const first = await start(dir);
  await first.stop();
  const stranger = spawn(process.execPath, ["-e", "setTimeout(() => {}, 60_000)"], { stdio: "ignore" });
  cleanups.push(async () => void stranger.kill("SIGKILL"));
  const { writeFile } = await import("node:fs/promises");
  await writeFile(join(dir, "postgres", "postmaster.pid"), `${stranger.pid}\n${join(dir, "postgres")}\n0\n1\n\n127.0.0.1\n\nready   \n`);
  await writeFile(join(dir, "children.json"), JSON.stringify([{ pid: stranger.pid, startedAt: "1" }]));
  await start(dir);
  expect(stranger.exitCode ?? stranger.signalCode).toBeNull();
});

test("a second stack on the same data is refused in words, and does not disturb the first", async () => {
  const dir = await dataDir();
  const first = await start(dir);
  await expect(spawnStack({ dataDir: dir, siteUrl })).rejects.toThrow(/already running/);
  expect((await fetch(`${first.shared.supabaseUrl}/health`)).status).toBe(200);
});

test("a port in use is named, with the variable that moves it", async () => {
  const dir = await dataDir();
  const port = await freePort();
  const squatter = createServer().listen(port, "127.0.0.1");
  cleanups.push(async () => void squatter.close());
  await expect(spawnStack({ dataDir: dir, siteUrl, port })).rejects.toThrow(`Port ${port} (local Supabase) is in use`);
  await expect(spawnStack({ dataDir: dir, siteUrl, dbPort: port })).rejects.toThrow(/TOKENTRA_DB_PORT/);
});

test("an interrupted first start is made good by the next", async () => {
  const dir = await dataDir();
  const { mkdir, writeFile } = await import("node:fs/promises");
  await mkdir(join(dir, "postgres", "base"), { recursive: true });
  await writeFile(join(dir, "postgres", "half"), "made");
  const stack = await start(dir);
  expect((await fetch(`${stack.shared.supabaseUrl}/health`)).status).toBe(200);
});

test("main.ts announces itself in one line without the superuser, ends on SIGINT and when its parent goes", async () => {
  const entry = fileURLToPath(new URL("../main.ts", import.meta.url));
  for (const how of ["SIGINT", "parent"] as const) {
    const dir = await dataDir();
    const env = {
      ...process.env,
      TOKENTRA_DATA_DIR: dir,
      TOKENTRA_STACK_PORT: "0",
      TOKENTRA_DB_PORT: "0",
      TOKENTRA_STACK_LIFELINE: "stdin",
    };
    const child = spawn(process.execPath, [entry], { env, stdio: ["pipe", "pipe", "ignore"] });
    cleanups.push(async () => void child.kill("SIGKILL"));
    let out = "";
    child.stdout.on("data", (chunk: Buffer) => {
      out += chunk;
    });
    await eventually(async () => out.includes("\n"), 30_000);
    const told = JSON.parse(out);
    expect(told).toMatchObject({
      ready: true,
      databaseUrl: expect.stringContaining("postgres://postgres:"),
      timings: { ready: expect.any(Number) },
    });
    expect(out).not.toContain("supabase_admin");
    expect(out.trim().split("\n")).toHaveLength(1);
    expect(told.timings.ready).toBeLessThan(15_000);
    const pid = postmaster(dir);
    if (how === "SIGINT") child.kill("SIGINT");
    else child.stdin.end();
    expect(await eventually(async () => child.exitCode === 0, 15_000)).toBe(true);
    expect(isRunning(pid)).toBe(false);
  }
});
