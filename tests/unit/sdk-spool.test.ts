import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { appendFile, mkdtemp, readdir, readFile, rm, utimes, writeFile } from "node:fs/promises";
import { hostname, tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import fc from "fast-check";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { type Drop, TokenTRA, type TokenTRAOptions } from "../../lib/sdk/client.ts";
import { type DiskSpoolOptions, diskSpool } from "../../lib/sdk/node/disk-spool.ts";
import { acknowledgement, eventLine, readSegment } from "../../lib/sdk/node/spool-segment.ts";
import { accept, refuse, startTrackServer } from "../support/track-server.ts";

let directory: string;
const open: (() => Promise<unknown>)[] = [];
beforeEach(async () => {
  directory = await mkdtemp(join(tmpdir(), "tokentra-spool-"));
});
afterEach(async () => {
  for (const close of open.splice(0)) await close();
  await rm(directory, { recursive: true, force: true });
});

async function door(...replies: Parameters<typeof startTrackServer>) {
  const server = await startTrackServer(...replies);
  open.push(() => server.close());
  return server;
}
function client(url: string, options: Partial<TokenTRAOptions> = {}, spool: Partial<DiskSpoolOptions> = {}) {
  const drops: Drop[] = [];
  const tokentra = new TokenTRA({
    apiKey: "k",
    baseUrl: url,
    spool: diskSpool({ directory, ...spool }),
    onDrop: (drop) => drops.push(drop),
    ...options,
  });
  open.unshift(() => tokentra.shutdown(1));
  return { tokentra, drops };
}
const event = (id: string) => ({ provider: "openai", model: "gpt-4.1", inputTokens: 1, requestId: id });
const line = (id: string) => JSON.stringify({ request_id: id, timestamp: new Date().toISOString(), provider: "openai", model: "m" });
const idsOf = (events: { request_id: string }[]) => events.map(({ request_id }) => request_id);
const dead = "http://127.0.0.1:1";

/** A program of its own, which reports events to an address where nobody is, says "ready" and lives on. */
async function program(ids: string[], url = dead): Promise<ChildProcess> {
  const sdk = new URL("../../lib/sdk/", import.meta.url).href;
  const code = `
    import { TokenTRA } from ${JSON.stringify(`${sdk}client.ts`)};
    import { diskSpool } from ${JSON.stringify(`${sdk}node/disk-spool.ts`)};
    const tokentra = new TokenTRA({ apiKey: "k", baseUrl: ${JSON.stringify(url)}, spool: diskSpool({ directory: ${JSON.stringify(directory)} }) });
    for (const requestId of ${JSON.stringify(ids)}) tokentra.track({ provider: "openai", model: "gpt-4.1", inputTokens: 1, requestId });
    process.stdout.write("ready");
    setInterval(() => {}, 1_000);
  `;
  const file = join(directory, `${ids[0]}.mjs`);
  await writeFile(file, code);
  const child = spawn(process.execPath, [file], {
    stdio: ["ignore", "pipe", "inherit"],
    cwd: fileURLToPath(new URL("../../", import.meta.url)),
  });
  open.unshift(async () => child.kill("SIGKILL"));
  await once(child.stdout!, "data");
  return child;
}
const kill = async (child: ChildProcess) => {
  child.kill("SIGKILL");
  await once(child, "exit");
};
const journal = async () => (await readdir(directory)).filter((name) => name.endsWith(".jsonl"));

describe("events on disk", () => {
  test("survive a program that is killed, and are sent by the next", async () => {
    await kill(await program(["a", "b", "c"]));
    const server = await door();
    const { tokentra } = client(server.url);
    tokentra.track(event("d"));
    expect(await tokentra.flush()).toBe(true);
    expect(idsOf(server.events)).toEqual(["a", "b", "c", "d"]);
    await tokentra.shutdown();
    expect(await journal()).toEqual([]);
  });

  test("of programs that live are left to them; two that start at once send nothing twice", async () => {
    const living = await program(["a", "b"]);
    const server = await door();
    await client(server.url).tokentra.flush();
    expect(server.events).toEqual([]);
    await kill(living);
    const both = [client(server.url), client(server.url)];
    await Promise.all(both.map(({ tokentra }) => tokentra.flush()));
    expect(idsOf(server.events).sort()).toEqual(["a", "b"]);
  });

  test("that were delivered before the program died are not sent again", async () => {
    const first = await door(accept, refuse(503));
    const child = await program(["a", "b", "c"], first.url);
    await expect.poll(() => first.events.length, { timeout: 10_000 }).toBe(3);
    await expect
      .poll(async () => (await Promise.all((await journal()).map((name) => readFile(join(directory, name), "utf8")))).join(""))
      .toBe("");
    await kill(child);
    const server = await door();
    await client(server.url).tokentra.flush();
    expect(server.events).toEqual([]);
  });

  test("wait for the next program when this one shuts down without having sent them", async () => {
    const { tokentra, drops } = client(dead);
    tokentra.track(event("a"));
    expect(await tokentra.shutdown(20)).toBe(false);
    expect(drops).toEqual([]);
    const server = await door();
    const next = client(server.url);
    expect(await next.tokentra.flush()).toBe(true);
    expect(idsOf(server.events)).toEqual(["a"]);
  });

  test("are forgotten when the server refuses them for good, or memory has no room for them", async () => {
    const server = await door(refuse(400), accept);
    const { tokentra, drops } = client(server.url, { maxQueueEvents: 2, maxBatchAgeMs: 60_000 });
    for (const id of ["a", "b", "c"]) tokentra.track(event(id));
    await tokentra.flush();
    expect(drops.map(({ reason, count }) => [reason, count])).toEqual([
      ["overflow", 1],
      ["refused", 2],
    ]);
    await tokentra.shutdown();
    expect(await journal()).toEqual([]);
  });
});

describe("what is found on disk", () => {
  const orphan = (name: string, content: string) => writeFile(join(directory, name), content);

  test("may end in a torn line, or hold lines that are none", async () => {
    await orphan("left.x.1.jsonl", `1 ${line("a")}\nrubbish\n2 ${line("b")}\n3 {"broken\n4 ${line("c").slice(0, 40)}`);
    const server = await door();
    await client(server.url).tokentra.flush();
    expect(idsOf(server.events)).toEqual(["a", "b"]);
  });

  test("belongs to nobody when its host is another and nobody touched it for long", async () => {
    await orphan("elsewhere.1.abc.1.jsonl", `1 ${line("fresh")}\n`);
    await orphan("elsewhere.2.def.1.jsonl", `1 ${line("old")}\n`);
    await orphan(`${encodeURIComponent(hostname()).replaceAll(".", "%2E")}.${process.pid}.before.1.jsonl`, `1 ${line("same id before")}\n`);
    const longAgo = new Date(Date.now() - 3_600_000);
    for (const name of await journal()) if (!name.includes(".1.abc")) await utimes(join(directory, name), longAgo, longAgo);
    const server = await door();
    await client(server.url).tokentra.flush();
    expect(idsOf(server.events).sort()).toEqual(["old", "same id before"]);
  });

  test("is bounded: the oldest files go", async () => {
    for (const [age, id] of ["oldest", "middle", "newest"].entries()) {
      const name = `left.x.${id}.jsonl`;
      await orphan(name, `1 ${line(id)}\n`);
      const at = new Date(Date.now() - (10 - age) * 1_000);
      await utimes(join(directory, name), at, at);
    }
    const server = await door();
    await client(server.url, {}, { maxBytes: line("oldest").length * 2 + 20 }).tokentra.flush();
    expect(idsOf(server.events)).toEqual(["middle", "newest"]);
  });

  test("and a directory that cannot be written to leaves events in memory, and says so", async () => {
    await appendFile(join(directory, "file"), "");
    const errors: Error[] = [];
    const server = await door();
    const { tokentra, drops } = client(server.url, {
      spool: diskSpool({ directory: join(directory, "file", "under"), onError: (error) => errors.push(error) }),
    });
    for (const id of ["a", "b"]) tokentra.track(event(id));
    expect(await tokentra.flush()).toBe(true);
    expect(idsOf(server.events)).toEqual(["a", "b"]);
    expect(errors.length).toBeGreaterThan(0);
    expect(errors.length).toBeLessThan(6);
    expect(drops).toEqual([]);
  });
});

test("a segment tells what waits, whatever was settled in whatever order, and wherever it was cut", () => {
  fc.assert(
    fc.property(fc.array(fc.boolean(), { maxLength: 30 }), fc.nat(400), (settledFlags, cut) => {
      const events = settledFlags.map((_flag, index) => eventLine(index + 1, JSON.stringify({ n: index + 1 })));
      const settled = settledFlags.flatMap((flag, index) => (flag ? [index + 1] : []));
      const whole = events.join("") + acknowledgement(settled);
      const waiting = settledFlags.flatMap((flag, index) => (flag ? [] : [JSON.stringify({ n: index + 1 })]));
      expect(readSegment(whole)).toEqual(waiting);
      // Of what was written whole before the cut nothing is lost but what was settled.
      const kept = readSegment(whole.slice(0, cut)).map((text) => (JSON.parse(text) as { n: number }).n);
      const written = events.filter((_text, index) => events.slice(0, index + 1).join("").length <= cut).length;
      for (let n = 1; n <= written; n++) expect(kept.includes(n) || settled.includes(n)).toBe(true);
      expect(new Set(kept).size).toBe(kept.length);
    }),
  );
});
