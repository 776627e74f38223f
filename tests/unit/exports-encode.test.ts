import fc from "fast-check";
import { parquetMetadata, parquetReadObjects } from "hyparquet";
import Papa from "papaparse";
import { describe, expect, it } from "vitest";
import { type Column, cellsOf, costSheet, instantText, requestSheet, type Sheet } from "../../lib/exports/columns.ts";
import { csvEncoder, type Encoder, jsonlEncoder } from "../../lib/exports/encode.ts";
import { parquetEncoder } from "../../lib/exports/parquet.ts";

const headColumns: Column[] = [
  { name: "at", kind: "time", source: 0 },
  { name: "team_id", kind: "word", source: 1 },
  { name: "team", kind: "name", source: 1 },
];
const columns: Sheet = {
  source: ["at", "team_id", "word", "count", "cost"],
  head: 2,
  headColumns,
  columns: [
    ...headColumns,
    { name: "word", kind: "text", source: 2 },
    { name: "count", kind: "integer", source: 3 },
    { name: "cost", kind: "money", source: 4 },
  ],
};
const names = new Map([["t-1", "=Team"]]);

/** A row as COPY writes it. */
const copyLine = (cells: string[]) =>
  cells
    .map((cell) =>
      cell.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\t", "\\t").replaceAll("\r", "\\r").replaceAll(",", "\\,"),
    )
    .join(",");

function write(encoder: Encoder, pages: string[][][]): Uint8Array<ArrayBuffer> {
  const parts = [encoder.begin(), ...pages.map((rows) => encoder.write(rows.map(copyLine))), encoder.end()];
  return Uint8Array.from(parts.flatMap((part) => [...part]));
}
const text = (encoder: Encoder, pages: string[][][]) => new TextDecoder().decode(write(encoder, pages));

const row = fc.tuple(
  fc.constantFrom("", "2026-11-21 15:21:42+00", "2026-11-21 15:21:42.5+00", "2026-11-21 15:21:42.123456+00"),
  fc.constantFrom("", "t-1", "t-gone"),
  fc
    .oneof(fc.string({ unit: "grapheme" }), fc.constantFrom("plain", "=1", "a,b", "\\", "\x01", 'x"', "back\\,slash"))
    .map((each) => each.replaceAll("\0", "")),
  fc.bigInt({ min: 0n, max: 2n ** 62n }).map(String),
  fc.constantFrom("", "0", "0.000000000000000001", "-12.5", "123456789012345678.123456789012345678"),
);

it("writes instants with six places", () => {
  expect(["", "2026-11-21 15:21:42+00", "2026-11-21 15:21:42.5+00", "2026-11-21 15:21:42.123456+00"].map(instantText)).toEqual([
    "",
    "2026-11-21T15:21:42.000000Z",
    "2026-11-21T15:21:42.500000Z",
    "2026-11-21T15:21:42.123456Z",
  ]);
});

describe("a sheet", () => {
  it.each([requestSheet, costSheet])(
    "hands on everything behind its head in the order it came",
    ({ source, head, columns: all, headColumns: first }) => {
      expect(all.slice(0, first.length)).toEqual(first);
      expect(first.every((column) => column.source < head)).toBe(true);
      const rest = all.slice(first.length);
      expect(rest.map((column) => column.source)).toEqual(source.map((_, at) => at).slice(head));
      expect(rest.every(({ kind }) => kind !== "time" && kind !== "name")).toBe(true);
      expect(new Set(source).size).toBe(source.length);
    },
  );

  it("is split where COPY meant it", () => {
    fc.assert(
      fc.property(
        fc.array(
          fc.string({ unit: "grapheme" }).map((each) => each.replaceAll("\0", "")),
          { minLength: 1 },
        ),
        (cells) => {
          expect(cellsOf(copyLine(cells))).toEqual(cells);
        },
      ),
    );
  });
});

describe("every format", () => {
  it("keeps every digit and letter of every row, over any number of pages", async () => {
    await fc.assert(
      fc.asyncProperty(fc.array(fc.array(row, { minLength: 1, maxLength: 4 }), { maxLength: 3 }), async (pages) => {
        const rows = pages.flat();
        const team = (id: string) => names.get(id) ?? null;
        const read = text(jsonlEncoder(columns, names), pages).split("\n").slice(0, -1);
        expect(read.map((line) => JSON.parse(line.replace(/"count":(\d+)/, '"count":"$1"')) as unknown)).toEqual(
          rows.map(([at, id, word, count, cost]) => ({
            word: word || null,
            count,
            cost: cost || null,
            at: instantText(at) || null,
            team_id: id || null,
            team: team(id),
          })),
        );
        const csv = Papa.parse<string[]>(text(csvEncoder(columns, names), pages), { newline: "\r\n" }).data.slice(1, -1);
        expect(csv.map((cells) => [cells[3]?.replace(/^'(?=[\s\S])/, ""), cells[4], cells[5]])).toEqual(
          rows.map(([, , word, count, cost]) => [word.replace(/^'(?=[\s\S])/, ""), count, cost]),
        );
        const file = write(parquetEncoder(columns, names), pages).buffer;
        expect(parquetMetadata(file).row_groups).toHaveLength(pages.length);
        const objects = await parquetReadObjects({ file });
        expect(objects).toEqual(
          rows.map(([at, id, word, count, cost]) => ({
            word: word || null,
            count: BigInt(count),
            cost: cost || null,
            at: at === "" ? null : new Date(instantText(at)),
            team_id: id || null,
            team: team(id),
          })),
        );
      }),
      { numRuns: 60 },
    );
  });

  it("lets no cell of CSV begin a formula, and leaves negative amounts alone", () => {
    const dangerous = ["=1", "+1+1", "@x", "\t=1", " =1", "\r=1", "-1+1", "\uff1d1"].map((word) => ["", "t-1", word, "1", "-2.5"]);
    const csv = Papa.parse<string[]>(text(csvEncoder(columns, names), [dangerous]), { newline: "\r\n" }).data.slice(1, -1);
    expect(csv.every(([, , team, word, , cost]) => word?.startsWith("'") && cost === "-2.5" && team === "'=Team")).toBe(true);
  });
});
