import { type ChildProcess, spawn } from "node:child_process";
import { fileURLToPath } from "node:url";
import type { ImportDocument } from "../../lib/imports/schema.ts";

export type CommandResult = { code: number | null; stdout: string; stderr: string; document: ImportDocument | null };

/** Starts `tokentra …` as a process of its own, from its source. `ended` resolves however it ends. */
export function startCommand(
  args: string[],
  { url, key, nodeOptions = [] as string[] }: { url: string; key: string; nodeOptions?: string[] },
): { child: ChildProcess; ended: Promise<CommandResult> } {
  const child = spawn(process.execPath, [...nodeOptions, fileURLToPath(new URL("../../lib/cli/main.ts", import.meta.url)), ...args], {
    stdio: ["ignore", "pipe", "pipe"],
    env: { ...process.env, TOKENTRA_BASE_URL: url, TOKENTRA_API_KEY: key, NODE_NO_WARNINGS: "1" },
  });
  let stdout = "";
  let stderr = "";
  child.stdout.on("data", (chunk) => (stdout += String(chunk)));
  child.stderr.on("data", (chunk) => (stderr += String(chunk)));
  const ended = new Promise<CommandResult>((resolve) => {
    child.once("close", (code) => {
      resolve({ code, stdout, stderr, document: stdout.startsWith("{") ? (JSON.parse(stdout) as ImportDocument) : null });
    });
  });
  return { child, ended };
}
