import { spawn } from "node:child_process";
import { root } from "./places.ts";
import { progress } from "./progress.ts";

export interface Step {
  name: string;
  file: string;
  args: string[];
}

function once(step: Step): Promise<{ code: number; output: string }> {
  return new Promise((resolve, reject) => {
    const child = spawn(step.file, step.args, { cwd: root, env: { ...process.env, NO_COLOR: "1" }, stdio: ["ignore", "pipe", "pipe"] });
    let output = "";
    for (const stream of [child.stdout, child.stderr]) stream.on("data", (data: Buffer) => (output += data.toString()));
    child.on("error", reject);
    child.on("exit", (code) => resolve({ code: code ?? 1, output }));
  });
}

/** Runs the steps, two at a time, each silent unless it fails. Returns how many failed. */
export async function runSteps(steps: Step[]): Promise<number> {
  const waiting = [...steps];
  let failed = 0;
  const worker = async () => {
    for (let step = waiting.shift(); step; step = waiting.shift()) {
      const started = performance.now();
      const { code, output } = await once(step);
      progress(`${code === 0 ? "ok    " : "FAILED"} ${step.name} (${((performance.now() - started) / 1000).toFixed(1)} s)`);
      if (code !== 0) {
        failed += 1;
        process.stdout.write(`${output}\n`);
      }
    }
  };
  await Promise.all([worker(), worker()]);
  return failed;
}
