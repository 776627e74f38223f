import type { ImportMapping } from "./schema.ts";

/** What tables of people's own call the fields, without case, spaces and signs. */
const names: Record<string, readonly string[]> = {
  request_id: ["requestid", "id", "callid", "eventid"],
  timestamp: ["timestamp", "createdat", "created", "time", "date", "datetime", "starttime", "when"],
  provider: ["provider", "vendor", "platform"],
  model: ["model", "modelname", "modelid", "whichmodel"],
  input_tokens: ["inputtokens", "prompttokens", "prompt", "input", "tokensin", "inputtoken"],
  cached_input_tokens: ["cachedinputtokens", "cachedtokens", "inputcachedtokens", "cachereadinputtokens", "cachereadtokens"],
  output_tokens: ["outputtokens", "completiontokens", "completion", "output", "tokensout", "generatedtokens"],
  reasoning_tokens: ["reasoningtokens"],
  service_tier: ["servicetier", "tier"],
  latency_ms: ["latencyms", "durationms"],
  feature: ["feature", "usecase"],
  user_id: ["userid", "enduser", "customerid"],
  team_id: ["teamid", "teamslug"],
  project_id: ["projectid", "projectslug"],
  environment: ["environment", "env"],
  cost: ["cost", "costusd", "spend", "totalcost", "price", "paid", "amount"],
};

const plain = (name: string): string => name.toLowerCase().replace(/[^a-z0-9]/g, "");

/** A first idea which column is which field, from their names alone; people correct it. */
export function guessMapping(columns: readonly string[]): ImportMapping {
  const mapping: ImportMapping = {};
  for (const [field, known] of Object.entries(names)) {
    const column = known.map((name) => columns.find((candidate) => plain(candidate) === name)).find((found) => found !== undefined);
    if (column !== undefined) mapping[field] = column;
  }
  return mapping;
}
