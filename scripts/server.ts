import { createWriteStream } from "node:fs";
import { join } from "node:path";
import { type Child, startNode } from "./child.ts";
import { root } from "./places.ts";

/**
 * Starts server.ts with this environment and waits until it is ready to serve; throws when it ends first. Its log lines go to the file
 * `logFile`; what goes wrong is said on stderr as well.
 */
export async function startServer(env: Record<string, string>, args: string[], logFile: string): Promise<Child> {
  const log = createWriteStream(logFile, { flags: "a", mode: 0o600 });
  const child = startNode(join(root, "server.ts"), args, {
    cwd: root,
    env: { NODE_ENV: args.includes("--dev") ? "development" : "production", ...env },
    onLine: (line) => {
      log.write(`${line}\n`);
      if (/"level":"(error|fatal)"/.test(line)) process.stderr.write(`${line}\n`);
    },
  });
  const url = `http://127.0.0.1:${env.PORT}/health/ready`;
  const deadline = performance.now() + 60_000;
  let over = false;
  child.ended.finally(() => (over = true)).catch(() => {});
  for (;;) {
    if (over) throw new Error("The product server ended before it was ready; its words are above.");
    const answer = await fetch(url, { signal: AbortSignal.timeout(2_000) }).catch(() => null);
    if (answer?.ok) return child;
    if (performance.now() > deadline) {
      await child.stop();
      throw new Error(`The product server did not become ready within 60 s (${url}${answer ? ` answers ${answer.status}` : ""}).`);
    }
    await new Promise((resolve) => setTimeout(resolve, 100));
  }
}
