import { type ChildProcess, spawn } from "node:child_process";
import { createInterface } from "node:readline";

export interface Child {
  process: ChildProcess;
  /** Settles when the process has ended; null after a signal. */
  ended: Promise<number | null>;
  /** Asks it to stop (SIGTERM), insists after `patienceMs` (SIGKILL), and waits for the end. */
  stop(patienceMs?: number): Promise<void>;
}

export interface StartOptions {
  env?: Record<string, string | undefined>;
  cwd?: string;
  /** Called with every line of stdout; stderr goes to ours unless `quiet`. */
  onLine?: (line: string) => void;
  quiet?: boolean;
}

/** Starts this Node on a script, tied to our life by an IPC channel that closes when we die. */
export function startNode(script: string, args: string[], options: StartOptions = {}): Child {
  return start(process.execPath, [script, ...args], options, true);
}

/** Starts any program; `ipc` only for a Node script that knows what a closed channel means. */
export function start(file: string, args: string[], options: StartOptions = {}, ipc = false): Child {
  const child = spawn(file, args, {
    cwd: options.cwd,
    env: { ...process.env, ...options.env },
    // In a group of its own, so that Ctrl-C reaches us alone and what we started stops in our order.
    detached: ipc,
    stdio: ["ignore", "pipe", options.quiet ? "ignore" : "inherit", ...(ipc ? (["ipc"] as const) : [])],
  });
  const lines = child.stdout ? createInterface({ input: child.stdout }) : null;
  lines?.on("line", (line) => options.onLine?.(line));
  const ended = new Promise<number | null>((resolve, reject) => {
    child.on("error", reject);
    child.on("exit", (code) => resolve(code));
  });
  ended.catch(() => {});
  return {
    process: child,
    ended,
    stop: async (patienceMs = 15_000) => {
      if (child.exitCode !== null || child.signalCode !== null) return;
      child.kill("SIGTERM");
      const insist = setTimeout(() => child.kill("SIGKILL"), patienceMs);
      await ended.catch(() => null);
      clearTimeout(insist);
    },
  };
}

/** Runs a program to its end; throws with its name when it fails. Its stdout goes to our stderr, line by line. */
export async function run(file: string, args: string[], options: StartOptions = {}): Promise<void> {
  const child = start(file, args, { onLine: (line) => process.stderr.write(`${line}\n`), ...options });
  const code = await child.ended;
  if (code !== 0) throw new Error(`${file} ${args.join(" ")} ended with ${code ?? "a signal"}`);
}
