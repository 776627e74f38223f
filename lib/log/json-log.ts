import type { Log } from "./log.ts";
import { redact } from "./redact.ts";

/** A log of JSON lines for hosts without files or streams, such as Edge Functions. Same fields as the server's log. */
export function createJsonLog(write: (line: string) => void, name: string): Log {
  const at = (level: string) => (fields: Record<string, unknown>, message: string) =>
    write(redact(JSON.stringify({ level, time: new Date().toISOString(), name, ...fields, msg: message })));
  return { info: at("info"), warn: at("warn"), error: at("error") };
}
