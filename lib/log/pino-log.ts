import { type DestinationStream, type Logger, pino } from "pino";
import { redact } from "./redact.ts";

/**
 * The server's log: JSON lines on standard output, each through the redactor. Lines are gathered for up to a second
 * or 12 KB, because a write costs more than the request it tells of; `flush` before leaving.
 */
export function createPinoLog(level: string, destination?: DestinationStream): Logger {
  const stream = destination ?? pino.destination({ dest: 1, sync: false, minLength: 12_288, periodicFlush: 1_000 });
  return pino(
    {
      level,
      base: null,
      timestamp: pino.stdTimeFunctions.isoTime,
      formatters: { level: (label) => ({ level: label }) },
      hooks: { streamWrite: redact },
    },
    stream,
  );
}
