import Papa from "papaparse";
import type { ReadRow } from "./rows.ts";

/** Text without a row's end that is kept at most: more than that is a quote that nobody closed. */
const longestRow = 1_000_000;

const newlineOf = (text: string): "\r\n" | "\n" | "\r" => {
  const end = /\r\n|\n|\r/.exec(text)?.[0];
  return end === "\r\n" || end === "\r" ? end : "\n";
};

/** The separator that the header uses most. */
function delimiterOf(header: string): string {
  const uses = (candidate: string) => header.split(candidate).length;
  return [",", ";", "\t", "|"].reduce((best, candidate) => (uses(candidate) > uses(best) ? candidate : best));
}

function countLines(text: string): number {
  let lines = 0;
  for (let at = text.indexOf("\n"); at !== -1; at = text.indexOf("\n", at + 1)) lines++;
  return lines;
}

/**
 * Reads CSV as it arrives. Papa Parse splits what is complete; the rest waits for the next text. A row that is no row (wrong number of
 * columns, a quote in the wrong place) is reported by line, and reading goes on.
 */
export function createCsvReader(): { push: (text: string, isLast: boolean) => ReadRow[] } {
  let rest = "";
  let line = 1;
  let columns: string[] | null = null;
  let settings: { delimiter: string; newline: "\r\n" | "\n" | "\r" } | null = null;

  function readRow(cells: string[], broken: string | undefined, at: number): ReadRow | null {
    if (columns === null) {
      columns = cells.map((name, index) => name.replace(/^\ufeff/, "").trim() || `column ${index + 1}`);
      return null;
    }
    if (cells.length === 1 && cells[0]!.trim() === "") return null;
    if (broken !== undefined) return { line: at, problem: broken };
    if (cells.length !== columns.length) return { line: at, problem: `has ${cells.length} columns, the header has ${columns.length}` };
    const row: Record<string, unknown> = {};
    for (let index = 0; index < cells.length; index++) row[columns[index]!] = cells[index];
    return { line: at, row };
  }

  /** The row that never ended: reported, and reading goes on at its next line. */
  function giveUpRow(found: ReadRow[]): void {
    const end = rest.indexOf("\n");
    found.push({ line, problem: "has a quote that is never closed" });
    rest = end === -1 ? "" : rest.slice(end + 1);
    line++;
  }

  function parse(isLast: boolean): ReadRow[] {
    const found: ReadRow[] = [];
    let consumed = 0;
    const step = (result: Papa.ParseStepResult<string[]>): void => {
      const cells = (result.data as unknown as string[][])[0] ?? [];
      const row = readRow(cells, result.errors[0]?.message, line);
      if (row !== null) found.push(row);
      line += countLines(rest.slice(consumed, result.meta.cursor));
      consumed = result.meta.cursor;
    };
    const parser = new Papa.Parser({ ...settings, step } as Papa.ParseConfig);
    parser.parse(rest, 0, !isLast);
    rest = isLast ? "" : rest.slice(consumed);
    return found;
  }

  return {
    push(text, isLast) {
      rest += text;
      if (settings === null) {
        const newline = newlineOf(rest);
        if (!isLast && !rest.includes(newline)) return [];
        settings = { newline, delimiter: delimiterOf(rest.split(newline, 1)[0] ?? "") };
      }
      const found: ReadRow[] = [];
      // An open quote at the end of the file would swallow all that follows it: look whether that is so before it happens.
      if (isLast) {
        found.push(...parse(false));
        const tail = rest;
        const open = new Papa.Parser({ ...settings } as Papa.ParseConfig).parse(tail, 0, false) as { errors: { code: string }[] };
        if (tail.includes("\n") && open.errors.some(({ code }) => code === "MissingQuotes")) {
          giveUpRow(found);
          return rest === "" ? found : found.concat(this.push("", true));
        }
        return found.concat(parse(true));
      }
      found.push(...parse(false));
      while (rest.length > longestRow) {
        giveUpRow(found);
        found.push(...parse(false));
      }
      return found;
    },
  };
}
