import { type ChildProcess, spawn } from "node:child_process";
import { closeSync, openSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { freePort } from "../../supabase/local/free-port.ts";

export type DoorProcess = { url: string; port: number; child: ChildProcess; stop(signal?: NodeJS.Signals): Promise<number | null> };

export type DoorAddresses = { supabaseUrl: string; publishableKey: string; secretKey: string; databaseUrl: string };

const ready = async (url: string): Promise<boolean> =>
  (await fetch(`${url}/health/ready`, { signal: AbortSignal.timeout(1_000) }).catch(() => null))?.ok ?? false;

/** Starts the machine doors as a process of their own and waits until they are ready. Its log goes to `logFile`, or nowhere. */
export async function startDoorProcess(
  stack: DoorAddresses,
  options: { port?: number; logFile?: string; logLevel?: string } = {},
): Promise<DoorProcess> {
  const port = options.port ?? (await freePort());
  const url = `http://127.0.0.1:${port}`;
  const log = openSync(options.logFile ?? "/dev/null", "a");
  const child = spawn(process.execPath, [fileURLToPath(new URL("../bench/door-server.ts", import.meta.url))], {
    stdio: ["ignore", log, "inherit"],
    env: {
      ...process.env,
      NODE_ENV: "production",
      PORT: String(port),
      HOST: "127.0.0.1",
      SITE_URL: url,
      SUPABASE_URL: stack.supabaseUrl,
      SUPABASE_PUBLISHABLE_KEY: stack.publishableKey,
      SUPABASE_SECRET_KEY: stack.secretKey,
      DATABASE_URL: stack.databaseUrl,
      LOG_LEVEL: options.logLevel ?? "info",
    },
  });
  closeSync(log);
  process.once("exit", () => child.kill("SIGKILL"));
  const ended = new Promise<number | null>((resolve) => child.once("exit", (code) => resolve(code)));
  for (const deadline = Date.now() + 20_000; !(await ready(url)); ) {
    if (child.exitCode !== null || Date.now() > deadline) {
      child.kill("SIGKILL");
      throw new Error("the doors did not become ready");
    }
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return {
    url,
    port,
    child,
    stop(signal = "SIGTERM") {
      child.kill(signal);
      return ended;
    },
  };
}
