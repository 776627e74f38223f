import { costReasons } from "../imports/reasons.ts";
import type { ImportDocument } from "../imports/schema.ts";

const plural = (count: number, noun: string): string => `${count.toLocaleString("en-US")} ${noun}${count === 1 ? "" : "s"}`;

function table(rows: string[][]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => row[column]!.length)));
  return rows
    .map((row) =>
      row
        .map((cell, column) => (column >= 2 && column <= 5 ? cell.padStart(widths[column]!) : cell.padEnd(widths[column]!)))
        .join("  ")
        .trimEnd(),
    )
    .join("\n");
}

function comparison(document: ImportDocument): string {
  const rows = document.comparison.map((line) => [
    line.provider,
    line.model + (line.service_tier === null ? "" : ` (${line.service_tier})`),
    line.events.toLocaleString("en-US"),
    line.their_cost ?? "–",
    line.our_cost ?? "–",
    line.difference ?? "–",
    costReasons[line.reason].label,
  ]);
  const { their_cost, our_cost, difference } = document.totals;
  const header = ["provider", "model", "events", "theirs $", "ours $", "ours − theirs", "why"];
  return table([header, ...rows, ["total", "", "", their_cost ?? "–", our_cost ?? "–", difference ?? "–", ""]]);
}

/** What became of an import, for people. */
export function report(document: ImportDocument): string {
  const { accepted, duplicates, rejected, skipped, problems, rows_read } = document;
  const lines = [`${plural(rows_read, "row")} read.`];
  if (document.is_dry_run) lines.push(`Dry run: ${plural(accepted, "event")} would be sent, nothing was stored.`);
  else lines.push(`${plural(accepted, "event")} stored, ${duplicates.toLocaleString("en-US")} known before.`);
  if (rejected > 0) lines.push(`${plural(rejected, "row")} refused.`);
  if (skipped > 0) lines.push(`${plural(skipped, "row")} left out on purpose.`);
  const shown = problems.slice(0, 20);
  for (const { line, code, message } of shown) lines.push(`  line ${line}: ${message} (${code})`);
  if (rejected + skipped > shown.length)
    lines.push(`  … and ${(rejected + skipped - shown.length).toLocaleString("en-US")} more; --json lists the first 200.`);
  if (document.comparison.length > 0) lines.push("", comparison(document));
  return lines.join("\n");
}
