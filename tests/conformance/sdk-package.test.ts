// The package as a customer gets it: packed, installed without a network into an empty project, used from Node, Deno and TypeScript.
import { execFile } from "node:child_process";
import { mkdtemp, readdir, readFile, rm, symlink, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import { startTrackServer } from "../support/track-server.ts";

const run = promisify(execFile);
const root = fileURLToPath(new URL("../../", import.meta.url));
const bin = (name: string) => join(root, "node_modules/.bin", name);
let project: string;
let files: string[];

beforeAll(async () => {
  project = await mkdtemp(join(tmpdir(), "tokentra-package-"));
  const env = { ...process.env, PATH: `${join(root, "node_modules/.bin")}:${process.env.PATH}` };
  const { stdout } = await run("npm", ["pack", "--json", "--pack-destination", project], { cwd: join(root, "lib/sdk"), env });
  const described: unknown = JSON.parse(stdout.slice(stdout.search(/^[[{]/m)));
  const [packed] = (Array.isArray(described) ? described : Object.values(described as object)) as {
    filename: string;
    files: { path: string }[];
  }[];
  files = packed!.files.map(({ path }) => path);
  await writeFile(join(project, "package.json"), '{ "name": "customer", "private": true, "type": "module" }');
  const tarball = (await readdir(project)).find((name) => name.endsWith(".tgz"))!;
  await run("npm", ["install", "--offline", "--no-audit", "--no-fund", `./${tarball}`], { cwd: project });
}, 120_000);
afterAll(() => rm(project, { recursive: true, force: true }));

test("holds built code, types and its description, and needs nothing", async () => {
  expect(files).toEqual(expect.arrayContaining(["package.json", "README.md", "dist/client.js", "dist/client.d.ts"]));
  expect(files.filter((path) => !/^(dist\/.*\.(js|d\.ts)|package\.json|README\.md)$/.test(path))).toEqual([]);
  const manifest = JSON.parse(await readFile(join(project, "node_modules/@tokentra/sdk/package.json"), "utf8")) as Record<string, unknown>;
  expect(manifest.dependencies).toBeUndefined();
  const installed = await readdir(join(project, "node_modules"));
  expect(installed.filter((name) => !name.startsWith("."))).toEqual(["@tokentra"]);
  for (const path of files.filter((name) => name.endsWith(".js"))) {
    const code = await readFile(join(project, "node_modules/@tokentra/sdk", path), "utf8");
    // Only the entry for Node may know Node.
    const allowed = path.startsWith("dist/node/") ? /^(\.\.?\/[\w-]+\.js|node:\w+)$/ : /^\.\/[\w-]+\.js$/;
    const imported = [...code.matchAll(/(?:from|import) "([^"]+)"/g)].map((match) => match[1]!);
    expect(imported.filter((target) => !allowed.test(target))).toEqual([]);
  }
});

const PROGRAM = `
import { TokenTRA } from "@tokentra/sdk";
const tokentra = new TokenTRA({ apiKey: "tt_test_k", baseUrl: process.env.DOOR, maxBatchAgeMs: 60_000 });
tokentra.track({ provider: "openai", model: "gpt-4.1", inputTokens: 1, requestId: process.env.REQUEST });
const client = { withOptions: ({ fetch }) => ({ call: () => fetch("https://api.openai.com/v1/chat/completions", { method: "POST", body: '{"model":"m"}' }) }),
  fetch: async () => Response.json({ model: "m", usage: { prompt_tokens: 7, completion_tokens: 2 } }) };
await (await tokentra.wrap(client).call()).json();
`;

test.each([
  ["Node", () => [bin("node"), "program.mjs"]],
  ["Deno", () => [bin("deno"), "run", "--no-lock", "--cached-only", "--allow-net", "--allow-env", "program.mjs"]],
])("runs on %s, and a program that just ends still sends what it reported", async (runtime, command) => {
  const door = await startTrackServer();
  await writeFile(join(project, "program.mjs"), runtime === "Deno" ? `import process from "node:process";\n${PROGRAM}` : PROGRAM);
  const [file, ...args] = command();
  const began = performance.now();
  await run(file!, args, { cwd: project, env: { ...process.env, DOOR: door.url, REQUEST: runtime, DENO_NO_UPDATE_CHECK: "1" } });
  expect(performance.now() - began).toBeLessThan(30_000);
  await door.close();
  expect(door.events).toMatchObject([
    { request_id: runtime, input_tokens: 1 },
    { provider: "openai", input_tokens: 7, output_tokens: 2 },
  ]);
});

test("keeps events on disk through its entry for Node", async () => {
  const door = await startTrackServer();
  const spool = join(project, "spool");
  const program = (url: string) => `
    import { TokenTRA } from "@tokentra/sdk";
    import { diskSpool } from "@tokentra/sdk/node";
    const tokentra = new TokenTRA({ apiKey: "k", baseUrl: "${url}", spool: diskSpool({ directory: ${JSON.stringify(spool)} }) });
    if (process.env.REQUEST) tokentra.track({ provider: "openai", model: "gpt-4.1", requestId: process.env.REQUEST });
    await tokentra.shutdown(2_000);`;
  await writeFile(join(project, "down.mjs"), program("http://127.0.0.1:1"));
  await writeFile(join(project, "up.mjs"), program(door.url));
  await run(bin("node"), ["down.mjs"], { cwd: project, env: { ...process.env, REQUEST: "kept" } });
  await run(bin("node"), ["up.mjs"], { cwd: project });
  await door.close();
  expect(door.events).toMatchObject([{ request_id: "kept" }]);
});

test("is typed for its users, with and without the vendors' packages", async () => {
  const config = (lib: string[]) =>
    JSON.stringify({
      compilerOptions: { target: "es2022", module: "nodenext", strict: true, noEmit: true, skipLibCheck: false, types: [], lib },
      files: ["program.ts"],
    });
  await writeFile(
    join(project, "program.ts"),
    `import { TokenTRA, type CallMetadata } from "@tokentra/sdk";
     import { diskSpool } from "@tokentra/sdk/node";
     const metadata: CallMetadata = { feature: "f" };
     export const kept = new TokenTRA({ apiKey: "k", baseUrl: "http://127.0.0.1", spool: diskSpool({ directory: "d" }) });
     export const scoped: number = kept.with(metadata, (derived) => derived.pending);
     export const budget: Promise<boolean> = kept.checkBudget({ model: "m" }).then((answer) => answer.isAllowed);
     const id: string = new TokenTRA({ apiKey: "k", baseUrl: "http://127.0.0.1" }).with(metadata).track({ provider: "p", model: "m" });
     export default id;`,
  );
  await writeFile(join(project, "tsconfig.json"), config(["es2022", "dom", "dom.iterable"]));
  await run(bin("tsc"), ["-p", project]);

  for (const name of ["openai", "@anthropic-ai", "@google", "@aws-sdk", "@smithy", "ai", "@ai-sdk"])
    await symlink(join(root, "node_modules", name), join(project, "node_modules", name));
  await writeFile(
    join(project, "program.ts"),
    `import OpenAI from "openai";
     import Anthropic from "@anthropic-ai/sdk";
     import { BedrockRuntimeClient, ConverseCommand } from "@aws-sdk/client-bedrock-runtime";
     import { createOpenAI } from "@ai-sdk/openai";
     import { GoogleGenAI } from "@google/genai";
     import { wrapEmbeddingModel, wrapImageModel, wrapLanguageModel } from "ai";
     import { TokenTRA } from "@tokentra/sdk";
     import "@tokentra/sdk/bedrock";
     import "@tokentra/sdk/openai";
     import "@tokentra/sdk/anthropic";
     const tokentra = new TokenTRA({ apiKey: "k", baseUrl: "http://127.0.0.1" });
     const openai: OpenAI = tokentra.wrap(new OpenAI({ apiKey: "k" }));
     const anthropic: Anthropic = tokentra.wrap(new Anthropic({ apiKey: "k" }));
     const genai: GoogleGenAI = tokentra.wrap(new GoogleGenAI({ apiKey: "k" }));
     const bedrock: BedrockRuntimeClient = tokentra.wrap(new BedrockRuntimeClient({}));
     const middleware = tokentra.middleware({ feature: "f" });
     const vendor = createOpenAI({ apiKey: "k" });
     export const models = [
       wrapLanguageModel({ model: vendor("m"), middleware }),
       wrapEmbeddingModel({ model: vendor.embedding("m"), middleware }),
       wrapImageModel({ model: vendor.image("m"), middleware }),
     ];
     export const calls = async () => [
       (await genai.models.generateContent({ model: "m", contents: "" })).text,
       (await bedrock.send(new ConverseCommand({ modelId: "m", messages: [], tokentra: { feature: "f" } }))).stopReason,
       (await openai.images.generate({ model: "m", prompt: "", tokentra: { feature: "f" } })).data,
       (await openai.audio.speech.create({ model: "m", input: "", voice: "alloy", tokentra: { feature: "f" } })).body,
       (await openai.batches.create({ input_file_id: "f", endpoint: "/v1/responses", completion_window: "24h", tokentra: { feature: "f" } })).id,
       (await openai.chat.completions.create({ model: "m", messages: [], tokentra: { feature: "f" } })).choices,
       (await openai.responses.create({ model: "m", input: "", tokentra: { feature: "f" } })).output_text,
       (await anthropic.messages.create({ model: "m", max_tokens: 1, messages: [], tokentra: { feature: "f" } })).content,
     ];`,
  );
  await writeFile(
    join(project, "tsconfig.json"),
    config(["es2022", "dom", "dom.iterable"]).replace('"skipLibCheck":false', '"skipLibCheck":true'),
  );
  await run(bin("tsc"), ["-p", project]).catch((error: { stdout: string }) => {
    throw new Error(error.stdout);
  });
});
