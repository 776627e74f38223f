/** `npm run verify`: installs what tests need and runs everything; ends with one plain line of counts. */
import { mkdtemp, readFile, rm } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { buildPages } from "./build.ts";
import { checks } from "./check.ts";
import { run } from "./child.ts";
import { ensureChromium } from "./chromium.ts";
import { root } from "./places.ts";
import { progress } from "./progress.ts";
import { runSteps } from "./steps.ts";

interface Report {
  numPassedTests: number;
  numFailedTests: number;
  numPendingTests: number;
  numTodoTests: number;
  numFailedTestSuites: number;
  success: boolean;
}

const chromium = await ensureChromium();
progress(`Browser: ${chromium}`);
progress("Checking format, lint, types and dead code …");
// The unit tests run with all the others below, so that they are counted once.
const staticFailures = await runSteps(checks.filter(({ name }) => name !== "unit and house tests"));
progress("Building the pages …");
await buildPages();
progress("Running all tests …");
const folder = await mkdtemp(join(tmpdir(), "tokentra-verify-"));
const file = join(folder, "report.json");
await run(
  join(root, "node_modules", ".bin", "vitest"),
  ["run", "--reporter=default", "--reporter=json", `--outputFile.json=${file}`, ...process.argv.slice(2)],
  {
    cwd: root,
    env: { CHROME_PATH: chromium },
    onLine: (line) => process.stdout.write(`${line}\n`),
  },
).catch((error: unknown) => process.stderr.write(`${String(error)}\n`));
const report = JSON.parse(await readFile(file, "utf8")) as Report;
await rm(folder, { recursive: true, force: true });
// A file that could not be loaded ran no test of its own, and a failed static check is a failed test: both count.
const failed =
  report.numFailedTests + staticFailures + (report.success || report.numFailedTests > 0 ? 0 : Math.max(1, report.numFailedTestSuites));
process.stdout.write(`${report.numPassedTests} passed, ${failed} failed, ${report.numPendingTests + report.numTodoTests} skipped\n`);
process.exitCode = failed === 0 ? 0 : 1;
