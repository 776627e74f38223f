import { type CsvValue, toCsv } from "@/lib/core/csv.ts";

/** Hands rows to the browser as a CSV file named after what they are: "Audit log" → `audit-log.csv`. */
export function downloadCsv(label: string, header: readonly string[], rows: readonly (readonly CsvValue[])[]): void {
  const url = URL.createObjectURL(new Blob([toCsv(header, rows)], { type: "text/csv;charset=utf-8" }));
  const link = document.createElement("a");
  link.href = url;
  link.download = `${label.toLowerCase().replaceAll(" ", "-")}.csv`;
  link.click();
  URL.revokeObjectURL(url);
}
