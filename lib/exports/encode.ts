import { csvCell } from "../core/csv.ts";
import { type Column, cellsOf, instantText, type Lines, type Sheet } from "./columns.ts";

/** Writes lines in one format. Everything is bytes in the end; `end` closes the file. */
export type Encoder = {
  mediaType: string;
  extension: string;
  /** Lines at once; undefined: a page as it comes. Small blocks keep what is written short-lived. */
  blockLines?: number;
  begin(): Uint8Array;
  write(lines: Lines): Uint8Array;
  end(): Uint8Array;
};

export type Names = ReadonlyMap<string, string>;

type Cell = (cells: string[]) => string;

const bytes = new TextEncoder();
const nothing = new Uint8Array();

/** A cell of CSV for a column. Only text from outside is guarded: a negative amount stays a number. */
function csvColumn({ kind, source }: Column, names: Names): Cell {
  if (kind === "time") return (cells) => instantText(cells[source] ?? "");
  if (kind === "text") return (cells) => csvCell(cells[source]);
  if (kind === "name") return (cells) => (cells[source] ? csvCell(names.get(cells[source])) : "");
  return (cells) => cells[source] ?? "";
}

/** A quote, an escape, or a cell that begins with anything but a letter or digit. Most lines have none, and leave nearly as they come. */
const needsCare = /["'\\]|(?:^|,)[^\w,]/;

/** CSV as in RFC 4180, with the guard of lib/core/csv.ts against formulas in spreadsheets. */
export function csvEncoder({ columns, headColumns, head }: Sheet, names: Names): Encoder {
  const all = columns.map((column) => csvColumn(column, names));
  const first = headColumns.map((column) => csvColumn(column, names));

  function plainLine(line: string): string {
    const cells = new Array<string>(head);
    let at = 0;
    for (let cell = 0; cell < head; cell++) {
      const end = line.indexOf(",", at);
      cells[cell] = line.slice(at, end);
      at = end + 1;
    }
    let text = "";
    for (const cell of first) text += `${cell(cells)},`;
    return text + line.slice(at);
  }

  return {
    mediaType: "text/csv; charset=utf-8; header=present",
    extension: "csv",
    blockLines: 1_000,
    begin: () => bytes.encode(`${columns.map(({ name }) => name).join(",")}\r\n`),
    write(lines) {
      let text = "";
      for (const line of lines) {
        if (needsCare.test(line)) {
          const cells = cellsOf(line);
          text += `${all.map((cell) => cell(cells)).join(",")}\r\n`;
        } else text += `${plainLine(line)}\r\n`;
      }
      return bytes.encode(text);
    },
    end: () => nothing,
  };
}

/** What JSON would escape. Cells without it are quoted as they are. */
// biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is looked for
const needsEscape = /["\\\x00-\x1f\u2028\u2029]/;

function jsonColumn({ kind, source }: Column, names: Names): Cell {
  if (kind === "integer") return (cells) => cells[source] || "null";
  if (kind === "time") return (cells) => (cells[source] ? `"${instantText(cells[source])}"` : "null");
  if (kind === "name") return (cells) => JSON.stringify((cells[source] && names.get(cells[source])) || null);
  return (cells) => (cells[source] ? JSON.stringify(cells[source]) : "null");
}

/** The same for a line in which nothing has to be escaped. */
function plainJsonColumn(column: Column, names: Names): Cell {
  const { kind, source } = column;
  if (kind === "integer" || kind === "time" || kind === "name") return jsonColumn(column, names);
  return (cells) => (cells[source] ? `"${cells[source]}"` : "null");
}

/** One JSON object per line. Amounts are strings, as everywhere in the API. */
export function jsonlEncoder({ columns }: Sheet, names: Names): Encoder {
  const careful = columns.map((column) => jsonColumn(column, names));
  const plain = columns.map((column) => plainJsonColumn(column, names));
  const openings = columns.map(({ name }, at) => `${at === 0 ? "{" : ","}"${name}":`);
  return {
    mediaType: "application/jsonl; charset=utf-8",
    extension: "jsonl",
    blockLines: 1_000,
    begin: () => nothing,
    write(lines) {
      let text = "";
      for (const line of lines) {
        const cells = cellsOf(line);
        const write = needsEscape.test(line) ? careful : plain;
        for (let at = 0; at < openings.length; at++) text += `${openings[at]}${write[at]?.(cells)}`;
        text += "}\n";
      }
      return bytes.encode(text);
    },
    end: () => nothing,
  };
}
