import { type CsvValue, toCsv } from "@/lib/core/csv.ts";

/** Hands the browser a file to keep. */
export function saveFile(name: string, content: Blob): void {
  const url = URL.createObjectURL(content);
  const link = document.createElement("a");
  link.href = url;
  link.download = name;
  link.click();
  URL.revokeObjectURL(url);
}

export function saveCsv(name: string, csv: string): void {
  saveFile(name, new Blob([csv], { type: "text/csv;charset=utf-8" }));
}

/** Rows as a CSV file named after what they are: "Audit log" → `audit-log.csv`. */
export function downloadCsv(label: string, header: readonly string[], rows: readonly (readonly CsvValue[])[]): void {
  saveCsv(`${label.toLowerCase().replaceAll(" ", "-")}.csv`, toCsv(header, rows));
}
