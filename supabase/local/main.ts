import { surviveLostConnections } from "./lost-connections.ts";
import { publishProjectUrl } from "./project-url.ts";
import { startStack } from "./stack.ts";

/**
 * The local stack as a process of its own: places from the environment, one JSON line on stdout when ready, progress on
 * stderr. Ends in order on SIGINT, SIGTERM and when its parent goes away.
 */
const number = (name: string, otherwise: number) => Number(process.env[name] || otherwise);
const say = (line: string) => process.stderr.write(`${line}\n`);

surviveLostConnections((line) => say(`local stack: ${line}`));

let ending = false;
let stop = async () => {};
const end = async (reason: string) => {
  if (ending) return;
  ending = true;
  say(`local stack: stopping (${reason})`);
  await stop().catch((error: unknown) => say(`local stack: ${String(error)}`));
  process.exit(0);
};
for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) process.on(signal, () => end(signal));
process.on("disconnect", () => end("the parent ended"));
// A pipe on stdin is the parent's lifeline; a terminal, a file or nothing there is not.
if (process.env.TOKENTRA_STACK_LIFELINE === "stdin") process.stdin.on("end", () => end("the parent ended")).resume();

try {
  const stack = await startStack({
    port: number("TOKENTRA_STACK_PORT", 54321),
    dbPort: number("TOKENTRA_DB_PORT", 54322),
    dataDir: process.env.TOKENTRA_DATA_DIR || ".data",
    siteUrl: process.env.SITE_URL || `http://127.0.0.1:${number("PORT", 3000)}`,
    migrate: process.env.TOKENTRA_MIGRATE === "1",
    functionsEnv: process.env.TOKENTRA_PROVIDER_URLS ? { TOKENTRA_PROVIDER_URLS: process.env.TOKENTRA_PROVIDER_URLS } : {},
    onProgress: (line) => say(`local stack: ${line}`),
  });
  stop = stack.stop;
  await publishProjectUrl(stack.adminUrl, stack.supabaseUrl);
  const { adminUrl: _superuser, stop: _stop, ...told } = stack;
  process.stdout.write(`${JSON.stringify({ ready: true, ...told })}\n`);
} catch (error) {
  say(`local stack: ${error instanceof Error ? error.message : String(error)}`);
  process.exit(1);
}
