import fc from "fast-check";
import { expect, test } from "vitest";
import { csvCell, toCsv } from "../../lib/core/csv.ts";

test.each([
  ["=1+1", '"\'=1+1"'],
  ["+49 30 1", '"\'+49 30 1"'],
  ["-cmd|' /C calc'!A0", "\"'-cmd|' /C calc'!A0\""],
  ["@sum(a1)", '"\'@sum(a1)"'],
  [" =1", '"\' =1"'],
  ["\t=1", '"\'\t=1"'],
  ["＝1", '"\'＝1"'],
  ["-12.5", "-12.5"],
  ["0.000003", "0.000003"],
  ["a,b", '"a,b"'],
  ['say "hi"', '"say ""hi"""'],
  ["two\nlines", '"two\nlines"'],
  [null, ""],
  [0, "0"],
])("%j becomes %s", (value, cell) => {
  expect(csvCell(value)).toBe(cell);
});

function parse(text: string): string[][] {
  const rows: string[][] = [];
  for (let at = 1; at < text.length; ) {
    const row: string[] = [];
    for (;;) {
      let cell = "";
      if (text[at] === '"') {
        at += 1;
        while (text[at] !== '"' || text[at + 1] === '"') {
          cell += text[at];
          at += text[at] === '"' ? 2 : 1;
        }
        at += 1;
      } else {
        while (text[at] !== "," && text[at] !== "\r") {
          cell += text[at];
          at += 1;
        }
      }
      row.push(cell);
      if (text[at] === ",") {
        at += 1;
        continue;
      }
      at += 2;
      break;
    }
    rows.push(row);
  }
  return rows;
}

test("any text survives the way there and back, and none starts a formula", () => {
  fc.assert(
    fc.property(fc.array(fc.array(fc.string({ unit: "binary" }), { minLength: 2, maxLength: 4 })), (rows) => {
      const back = parse(toCsv(["a", "b"], rows)).slice(1);
      expect(back.map((row) => row.length)).toEqual(rows.map((row) => row.length));
      back.forEach((row, y) => {
        row.forEach((cell, x) => {
          expect([rows[y]?.[x], `'${rows[y]?.[x]}`]).toContain(cell);
          if (!/^-?\d+(\.\d+)?$/.test(cell)) expect(cell).not.toMatch(/^[\s\ufeff]*[=+\-@]/);
        });
      });
    }),
  );
});
