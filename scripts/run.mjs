#!/usr/bin/env node
// The way in: runs on whatever Node (>= 20) the machine has, installs what package-lock.json pins, and hands over to the pinned Node.
// Plain JavaScript and no imports beyond Node itself, because nothing is installed yet when it starts.
import { spawn } from "node:child_process";
import { createHash } from "node:crypto";
import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { constants } from "node:os";
import { delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("..", import.meta.url));
const binaries = join(root, "node_modules", ".bin");
const node = join(root, "node_modules", "node", "bin", "node");
const marker = join(root, "node_modules", ".tokentra-install");
const [command, ...rest] = process.argv.slice(2);
let running;

function run(file, args, options = {}) {
  return new Promise((resolve, reject) => {
    running = spawn(file, args, { cwd: root, ...options });
    running.on("error", reject);
    running.on("exit", (code, signal) => resolve(code ?? 128 + (constants.signals[signal] ?? 1)));
  });
}

// What decides an install: the lock file and the Node that native parts were made for.
const wanted = createHash("sha256")
  .update(readFileSync(join(root, "package-lock.json")))
  .digest("hex");
const installed = existsSync(marker) && existsSync(node) ? readFileSync(marker, "utf8") : "";

for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"]) process.on(signal, () => running?.kill(signal));

if (Number(process.versions.node.split(".")[0]) < 20) {
  console.error(`Node ${process.versions.node} is too old: install Node 20 or newer and run this again.`);
  process.exit(1);
}
if (installed !== wanted) {
  console.error("Installing dependencies (npm install), about a minute …");
  // Not npm ci: it insists on lock entries of every platform's binaries, which a lock written behind a partial mirror cannot have.
  // npm's own words go to stderr: stdout carries only what the command answers.
  const code = await run("npm", ["install", "--no-save", "--prefer-offline", "--no-audit", "--no-fund", "--loglevel=error"], {
    stdio: ["ignore", 2, 2],
  });
  if (code !== 0) {
    console.error("npm install failed; its message is above. With the network back, run the same command again.");
    process.exit(code);
  }
  writeFileSync(marker, wanted);
}
process.exitCode = await run(node, [join("scripts", `${command}.ts`), ...rest], {
  // The channel closes when this process dies, however it dies: that is how the child knows to stop.
  stdio: ["inherit", "inherit", "inherit", "ipc"],
  env: { ...process.env, PATH: `${binaries}${delimiter}${process.env.PATH ?? ""}`, DO_NOT_TRACK: "1", NEXT_TELEMETRY_DISABLED: "1" },
});
