import { parseArgs } from "node:util";

export const usage = `Usage: tokentra import <file> [options]

Brings a file of usage into TokenTRA: CSV, JSON or JSONL, also gzipped. Running it again goes on where it
ended, and counts nothing twice.

  --adapter <name>      openai, anthropic, litellm, helicone, langfuse, focus or tokentra; found by the header otherwise
  --map <field=column>  which column is which field, once per field; field==value is the same value for every row.
                        Remembered for files with the same columns.
  --dry-run             store nothing: show their cost and ours per model, and why they differ
  --include-tracked     also bring in buckets of models whose traffic is tracked already (they count twice)
  --url <address>       of TokenTRA; default TOKENTRA_BASE_URL
  --api-key <key>       with the scope admin; default TOKENTRA_API_KEY, which no process list shows
  --json                print the result as JSON, no progress
  --help

Exits with 0 when every row landed, 2 when some rows were refused, 1 when the import did not end.`;

export type Arguments = {
  file: string;
  adapter: string | null;
  mapping: Record<string, string> | null;
  isDryRun: boolean;
  includeTracked: boolean;
  baseUrl: string;
  apiKey: string;
  isJson: boolean;
};

/** A call that cannot be understood; the sentence says what is missing. */
export class UsageError extends Error {
  override readonly name = "UsageError";
}

function readMapping(pairs: string[] | undefined): Record<string, string> | null {
  if (pairs === undefined) return null;
  return Object.fromEntries(
    pairs.map((pair) => {
      const at = pair.indexOf("=");
      if (at < 1 || at === pair.length - 1) throw new UsageError(`--map ${pair}: write field=column, or field==value.`);
      return [pair.slice(0, at), pair.slice(at + 1)];
    }),
  );
}

/** @returns null when only help is wanted; @throws UsageError */
export function readArguments(argv: string[], env: Record<string, string | undefined>): Arguments | null {
  let read: ReturnType<typeof parse>;
  const parse = () =>
    parseArgs({
      args: argv,
      allowPositionals: true,
      options: {
        adapter: { type: "string" },
        map: { type: "string", multiple: true },
        "dry-run": { type: "boolean" },
        "include-tracked": { type: "boolean" },
        url: { type: "string" },
        "api-key": { type: "string" },
        json: { type: "boolean" },
        help: { type: "boolean", short: "h" },
      },
    });
  try {
    read = parse();
  } catch (error) {
    throw new UsageError(error instanceof Error ? error.message : String(error));
  }
  const { values, positionals } = read;
  if (values.help) return null;
  const [command, file, ...more] = positionals;
  if (command !== "import" || file === undefined || more.length > 0) throw new UsageError("Give one file: tokentra import <file>.");
  const baseUrl = values.url ?? env.TOKENTRA_BASE_URL;
  if (!baseUrl || !/^https?:\/\//.test(baseUrl))
    throw new UsageError("Give the address of TokenTRA: --url https://… or TOKENTRA_BASE_URL.");
  const apiKey = values["api-key"] ?? env.TOKENTRA_API_KEY;
  if (!apiKey) throw new UsageError("Give a key of scope admin in TOKENTRA_API_KEY.");
  return {
    file,
    adapter: values.adapter ?? null,
    mapping: readMapping(values.map),
    isDryRun: values["dry-run"] ?? false,
    includeTracked: values["include-tracked"] ?? false,
    baseUrl: baseUrl.replace(/\/+$/, ""),
    apiKey,
    isJson: values.json ?? false,
  };
}
