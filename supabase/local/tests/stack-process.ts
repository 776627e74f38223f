import { surviveLostConnections } from "../lost-connections.ts";
import { type StackOptions, startStack } from "../stack.ts";

/** A stack in a process of its own, so that tests can kill it. Options as JSON in the first argument, addresses as JSON on stdout. */
const log = (line: string) => process.stderr.write(`${line}\n`);
surviveLostConnections(log);
const stack = await startStack({ ...(JSON.parse(process.argv[2] ?? "{}") as StackOptions), onProgress: log });
const { stop, ...shared } = stack;
process.stdout.write(`${JSON.stringify(shared)}\n`);
process.stdin
  .on("end", async () => {
    await stop();
    process.exit(0);
  })
  .resume();
