import { webSha256 } from "../../lib/core/api-key.ts";
import { newRequestId } from "../../lib/core/ids.ts";
import type { Log } from "../../lib/log/log.ts";
import type { DoorTools } from "../../lib/log/observe.ts";

/** What every door needs, with a log that can be read afterwards. */
export function doorTools(now: () => number = Date.now): { tools: DoorTools; lines: Record<string, unknown>[] } {
  const lines: Record<string, unknown>[] = [];
  const at = (level: string) => (fields: Record<string, unknown>, msg: string) => void lines.push({ level, msg, ...fields });
  const log: Log = { info: at("info"), warn: at("warn"), error: at("error") };
  return { tools: { log, now, newRequestId, sha256: webSha256 }, lines };
}
