import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { root } from "./repository.ts";

const folder = join(root, "..", "shared", "data", "azure-llm-2023");

/** One request of the trace. */
export interface TraceRequest {
  at: Date;
  contextTokens: number;
  generatedTokens: number;
}

/**
 * The Azure LLM inference trace of 2023 (Patel et al., "Splitwise", ISCA 2024; CC-BY): an hour of production traffic of a chat and a code
 * completion service. It is read from beside the repository and is not part of it; null when it is not there.
 */
export function azureTrace(): { conversation: TraceRequest[]; code: TraceRequest[] } | null {
  if (!existsSync(join(folder, "conv.csv"))) return null;
  const read = (name: string): TraceRequest[] =>
    readFileSync(join(folder, name), "utf8")
      .trim()
      .split(/\r?\n/)
      .slice(1)
      .map((line) => {
        const [timestamp = "", context = "", generated = ""] = line.split(",");
        return {
          at: new Date(`${timestamp.slice(0, 23).replace(" ", "T")}Z`),
          contextTokens: Number(context),
          generatedTokens: Number(generated),
        };
      });
  return { conversation: read("conv.csv"), code: read("code.csv") };
}
