import { z } from "zod";
import { choice, filterFields, windowFields } from "../core/query-fields.ts";

export const ExportQuery = z.strictObject({
  format: choice(["csv", "jsonl", "parquet", "focus"])
    .default("csv")
    .describe("focus: FOCUS 1.2 as CSV, one row per day, dimension and unit charged; requests without a price are left out."),
  dataset: choice(["requests", "costs"])
    .default("requests")
    .describe(
      "requests: one row per request, oldest first. costs: one row per day and everything a cost can be charged to. focus has its own rows.",
    ),
  ...windowFields,
  ...filterFields,
});
export type ExportQuery = z.infer<typeof ExportQuery>;
