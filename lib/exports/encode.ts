import { csvCell } from "../core/csv.ts";
import { type Column, instantText, type Rows } from "./columns.ts";

/** Writes pages of rows in one format. Everything is bytes in the end; `end` closes the file. */
export type Encoder = {
  mediaType: string;
  extension: string;
  begin(): Uint8Array;
  page(rows: Rows): Uint8Array;
  end(): Uint8Array;
};

export type Names = ReadonlyMap<string, string>;

const bytes = new TextEncoder();
const nothing = new Uint8Array();

/** Neither a formula, nor anything that needs quotes: most cells, and telling so is cheaper than looking for what is wrong. */
const plainCell = /^[A-Za-z0-9_][^",\r\n']*$/;
const guarded = (cell: string): string => (cell === "" || plainCell.test(cell) ? cell : csvCell(cell));

type Cell = (row: string[]) => string;

/** A cell of CSV for a column. Only text from outside is guarded: a negative amount stays a number. */
function csvColumn({ kind, source }: Column, names: Names): Cell {
  if (kind === "time") return (row) => instantText(row[source] ?? "");
  if (kind === "text") return (row) => guarded(row[source] ?? "");
  if (kind === "name") return (row) => (row[source] ? guarded(names.get(row[source]) ?? "") : "");
  return (row) => row[source] ?? "";
}

/** CSV as in RFC 4180, with the guard of lib/core/csv.ts against formulas in spreadsheets. */
export function csvEncoder(columns: readonly Column[], names: Names): Encoder {
  const cells = columns.map((column) => csvColumn(column, names));
  return {
    mediaType: "text/csv; charset=utf-8; header=present",
    extension: "csv",
    begin: () => bytes.encode(`${columns.map(({ name }) => name).join(",")}\r\n`),
    page(rows) {
      let text = "";
      for (const row of rows) {
        let line = cells[0]?.(row) ?? "";
        for (let at = 1; at < cells.length; at++) line += `,${cells[at]?.(row)}`;
        text += `${line}\r\n`;
      }
      return bytes.encode(text);
    },
    end: () => nothing,
  };
}

const plainJson = /^[\x20!\x23-\x5b\x5d-\x7e]*$/;
const jsonText = (cell: string): string => (plainJson.test(cell) ? `"${cell}"` : JSON.stringify(cell));

function jsonColumn({ kind, source }: Column, names: Names): Cell {
  if (kind === "integer") return (row) => row[source] || "null";
  if (kind === "time") return (row) => (row[source] ? `"${instantText(row[source])}"` : "null");
  if (kind === "name") {
    return (row) => {
      const name = row[source] ? names.get(row[source]) : undefined;
      return name === undefined ? "null" : jsonText(name);
    };
  }
  return (row) => (row[source] ? jsonText(row[source]) : "null");
}

/** One JSON object per line. Amounts are strings, as everywhere in the API. */
export function jsonlEncoder(columns: readonly Column[], names: Names): Encoder {
  const cells = columns.map((column) => jsonColumn(column, names));
  const openings = columns.map(({ name }, at) => `${at === 0 ? "{" : ","}"${name}":`);
  return {
    mediaType: "application/jsonl; charset=utf-8",
    extension: "jsonl",
    begin: () => nothing,
    page(rows) {
      let text = "";
      for (const row of rows) {
        let line = "";
        for (let at = 0; at < cells.length; at++) line += `${openings[at]}${cells[at]?.(row)}`;
        text += `${line}}\n`;
      }
      return bytes.encode(text);
    },
    end: () => nothing,
  };
}
