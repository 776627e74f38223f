// Files as they arrive: in pieces that cut characters, quotes and rows anywhere, packed or not, broken in places.
import { gzipSync } from "node:zlib";
import fc from "fast-check";
import { expect, test } from "vitest";
import { partOf, partsOf } from "../../lib/imports/buckets.ts";
import { digestOf } from "../../lib/imports/file.ts";
import { fileOf, fixture, rowsOf } from "../support/import-files.ts";

const csvCell = (text: string) => `"${text.replaceAll('"', '""')}"`;

test("whatever cells hold and wherever the pieces end, the rows come out as they went in", async () => {
  const cell = fc.string({ unit: fc.constantFrom("a", "é", "😀", '"', ",", "\n", ";", " ", "1"), maxLength: 8 });
  await fc.assert(
    fc.asyncProperty(
      fc.array(fc.tuple(cell, cell), { minLength: 1, maxLength: 20 }),
      fc.integer({ min: 1, max: 9 }),
      async (table, piece) => {
        const text = `a,b\n${table.map((row) => row.map(csvCell).join(",")).join("\n")}\n`;
        const rows = await rowsOf(fileOf(text, { piece }));
        expect(rows.map(({ row }) => [row?.a, row?.b])).toEqual(table);
        // The line that people look for in an editor.
        const lines = table.map((_, index) => 2 + index + table.slice(0, index).join("").split("\n").length - 1);
        expect(rows.map(({ line }) => line)).toEqual(lines);
      },
    ),
    { numRuns: 150 },
  );
});

test("Windows line ends, a byte order mark, tabs, a last line without an end", async () => {
  expect(await rowsOf(fileOf("\ufeffa\tb\r\n1\t2\r\n\r\n3\t4", { piece: 3 }))).toEqual([
    { line: 2, row: { a: "1", b: "2" } },
    { line: 4, row: { a: "3", b: "4" } },
  ]);
});

test("a broken row is named by its line, and the rows around it are read", async () => {
  expect(await rowsOf(fileOf('a,b\n1,2\n1,2,3\n5,"six" seven\n7,8\n'))).toEqual([
    { line: 2, row: { a: "1", b: "2" } },
    { line: 3, problem: "has 3 columns, the header has 2" },
    { line: 4, problem: "has a quote that is never closed" },
    { line: 5, row: { a: "7", b: "8" } },
  ]);
});

test("a quote that is never closed takes one row with it, not the rest of the file", async () => {
  const rows = await rowsOf(
    fileOf(`a,b\n1,2\n"3,4\n${Array.from({ length: 500 }, (_, index) => `${index},x`).join("\n")}\n`, { piece: 100 }),
  );
  expect(rows[1]).toEqual({ line: 3, problem: "has a quote that is never closed" });
  expect(rows.filter(({ row }) => row !== undefined)).toHaveLength(501);
  expect(rows.at(-1)).toEqual({ line: 503, row: { a: "499", b: "x" } });
});

test("JSON lines: what is no object is named, the next line is read", async () => {
  expect(await rowsOf(fileOf('{"a":1}\nnot json\n\n[1]\n{"a":2}', { piece: 2 }))).toEqual([
    { line: 1, row: { a: 1 } },
    { line: 2, problem: "is not JSON" },
    { line: 4, problem: "is not a JSON object" },
    { line: 5, row: { a: 2 } },
  ]);
});

test("JSON documents: arrays, pages, one long line or many, cut off", async () => {
  expect(await rowsOf(fileOf('[{"a":1},\n 7, {"a":2}]', { piece: 1 }))).toEqual([
    { line: 1, row: { a: 1 } },
    { line: 2, problem: "is not a JSON object" },
    { line: 3, row: { a: 2 } },
  ]);
  expect(await rowsOf(fileOf('{"object":"page","data":[{"a":1}],"has_more":false}'))).toEqual([{ line: 1, row: { a: 1 } }]);
  expect((await rowsOf(fileOf('[{"a":1},{"a":'))).at(-1)).toMatchObject({ line: 2, problem: "the document is not JSON from here on" });
});

test("a packed file is unpacked, and a file is the same file under any name", async () => {
  const packed = fileOf(new Uint8Array(gzipSync("a,b\n1,2\n")));
  expect(await rowsOf(packed)).toEqual([{ line: 2, row: { a: "1", b: "2" } }]);
  const large = "x".repeat(2_500_000);
  expect(await digestOf(fileOf(large, { name: "a" }))).toBe(await digestOf(fileOf(large, { name: "b", piece: 999 })));
  expect(await digestOf(fileOf(large))).not.toBe(await digestOf(fileOf(`${large}y`)));
});

test("every fixture reads the same in pieces of 7 bytes", async () => {
  for (const name of ["litellm.csv", "langfuse.csv", "openai.json", "helicone.jsonl", "anthropic.csv"]) {
    expect(await rowsOf(fixture(name, 7)), name).toEqual(await rowsOf(fixture(name)));
  }
});

test("the parts of a bucket sum to it, kind by kind, and none contradicts itself", () => {
  const tokens = fc.integer({ min: 0, max: 50_000_000 });
  fc.assert(
    fc.property(
      fc.record({ fresh: tokens, cached: tokens, write: tokens, audio: tokens, output: tokens }),
      fc.integer({ min: 1, max: 400 }),
      (kinds, requests) => {
        const bucket = {
          ...kinds,
          cache_write_5m: kinds.write,
          cache_write_1h: 3,
          input_audio: kinds.audio,
          output_audio: 5,
          web_search_calls: 7,
        };
        const input = kinds.fresh + kinds.cached + kinds.write + kinds.audio + 3;
        const parts = partsOf(input, requests);
        expect(parts).toBeLessThanOrEqual(requests);
        const cut = Array.from({ length: parts }, (_, index) => partOf(bucket, index, parts));
        const total = (name: string) => cut.reduce((sum, part) => sum + (part[name] ?? 0), 0);
        expect([
          total("input_tokens"),
          total("cached_input_tokens"),
          total("cache_write_5m_tokens"),
          total("cache_write_1h_tokens"),
          total("output_tokens"),
          total("web_search_calls"),
        ]).toEqual([input, kinds.cached, kinds.write, 3, kinds.output + 5, 7]);
        for (const part of cut) {
          const inside =
            (part.cached_input_tokens ?? 0) +
            (part.cache_write_5m_tokens ?? 0) +
            (part.cache_write_1h_tokens ?? 0) +
            (part.input_audio_tokens ?? 0);
          expect(inside).toBeLessThanOrEqual(part.input_tokens ?? 0);
        }
      },
    ),
    { numRuns: 100 },
  );
});
