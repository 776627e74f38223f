import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { StackOptions } from "../stack-types.ts";
import type { SharedStack } from "./support.ts";

export type SpawnedStack = { shared: SharedStack; child: ChildProcess; log(): string; stop(): Promise<void> };

/** Starts `stack-process.ts`, resolves when it is ready and rejects with its last words when it is not. */
export async function spawnStack(options: StackOptions): Promise<SpawnedStack> {
  const entry = fileURLToPath(new URL("./stack-process.ts", import.meta.url));
  const child = spawn(process.execPath, [entry, JSON.stringify(options)], { stdio: ["pipe", "pipe", "pipe"] });
  let log = "";
  child.stderr.on("data", (chunk: Buffer) => {
    log = (log + chunk.toString("utf8")).slice(-200_000);
  });
  const ended = new Promise<void>((done) => child.once("exit", () => done()));
  const shared = await new Promise<SharedStack>((ready, fail) => {
    let out = "";
    child.stdout.on("data", (chunk: Buffer) => {
      out += chunk.toString("utf8");
      if (out.includes("\n")) ready(JSON.parse(out.split("\n")[0] ?? "") as SharedStack);
    });
    child.once("exit", (code, signal) => fail(new Error(`the stack ended (${signal ?? code}):\n${log}`)));
  });
  return {
    shared,
    child,
    log: () => log,
    stop: async () => {
      child.stdin.end();
      await ended;
    },
  };
}
