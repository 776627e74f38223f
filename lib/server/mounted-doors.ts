import { createPinoLog } from "../log/pino-log.ts";
import { readServerEnvironment } from "./environment.ts";
import { type MachineDoors, openMachineDoors } from "./machine-doors.ts";

/** One set of doors per process, also when a bundler loads this module more than once. */
const shared = globalThis as { tokentraMountedDoors?: MachineDoors };

/**
 * The machine doors for hosts that have no server of their own and serve everything through Next. Where `server.ts` runs, it answers
 * these addresses before Next sees them.
 */
export function mountedDoors(): MachineDoors {
  if (shared.tokentraMountedDoors === undefined) {
    const environment = readServerEnvironment(process.env, process.env.NODE_ENV === "production");
    shared.tokentraMountedDoors = openMachineDoors(environment, createPinoLog(environment.logLevel), { phase: "serving" });
  }
  return shared.tokentraMountedDoors;
}
