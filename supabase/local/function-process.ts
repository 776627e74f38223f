import { type ChildProcess, spawn } from "node:child_process";
import { existsSync } from "node:fs";
import { createRequire } from "node:module";
import { connect } from "node:net";
import { dirname, join } from "node:path";
import { freePort } from "./free-port.ts";

export type FunctionProcess = { port: number; child: ChildProcess; log(): string };

const logLimit = 64 * 1024;

/** The deno that npm installed. Its launcher script would be one more process between us and it. */
function denoBinary(): string {
  const require = createRequire(import.meta.url);
  const name = `@deno/${process.platform}-${process.arch}${process.platform === "linux" ? "-glibc" : ""}`;
  try {
    const home = createRequire(require.resolve("deno/package.json"));
    return join(dirname(home.resolve(`${name}/package.json`)), "deno");
  } catch {
    return join(dirname(require.resolve("deno/package.json")), "deno");
  }
}

/**
 * Boots one function in Deno with modules from the project's node_modules and nothing from the network.
 * DENO_SERVE_ADDRESS gives `Deno.serve` its port, so the source stays exactly what the hosted platform runs.
 */
export async function bootFunction(entry: string, env: Record<string, string>): Promise<FunctionProcess> {
  const port = await freePort();
  const config = [join(dirname(entry), "deno.json"), join(dirname(entry), "..", "deno.json")].find((file) => existsSync(file));
  const child = spawn(
    denoBinary(),
    [
      "run",
      "--no-prompt",
      "--allow-net",
      "--allow-env",
      "--allow-read",
      "--allow-sys",
      "--no-lock",
      "--cached-only",
      "--node-modules-dir=manual",
      ...(config ? ["--config", config] : []),
      entry,
    ],
    {
      env: {
        NODE_ENV: process.env.NODE_ENV,
        PATH: process.env.PATH,
        HOME: process.env.HOME,
        DENO_NO_UPDATE_CHECK: "1",
        NO_COLOR: "1",
        DENO_SERVE_ADDRESS: `tcp:127.0.0.1:${port}`,
        ...env,
      },
      stdio: ["ignore", "pipe", "pipe"],
    },
  );
  let log = "";
  const keep = (chunk: Buffer) => {
    log = (log + chunk.toString("utf8")).slice(-logLimit);
  };
  child.stdout?.on("data", keep);
  child.stderr?.on("data", keep);
  await untilListening(child, port, () => log);
  return { port, child, log: () => log };
}

async function untilListening(child: ChildProcess, port: number, log: () => string): Promise<void> {
  let failure: string | null = null;
  child.once("error", (error) => {
    failure = error.message;
  });
  for (const deadline = Date.now() + 30_000; ; ) {
    if (failure !== null || child.exitCode !== null || child.signalCode !== null) throw new Error(`${failure ?? ""}${log()}`.trim());
    if (await accepts(port)) return;
    if (Date.now() > deadline) {
      child.kill("SIGKILL");
      throw new Error(`no listener within 30 s: ${log()}`.trim());
    }
    await new Promise((resolve) => setTimeout(resolve, 15));
  }
}

function accepts(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, "127.0.0.1", () => {
      socket.destroy();
      resolve(true);
    }).on("error", () => resolve(false));
  });
}
