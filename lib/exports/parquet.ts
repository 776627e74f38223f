import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import { type Column, cellsOf, instantText, type Lines, type Sheet } from "./columns.ts";
import type { Encoder, Names } from "./encode.ts";

type SchemaElement = ConstructorParameters<typeof ParquetWriter>[0]["schema"][number];

/** A growing file of which only what was not handed on yet is in memory; offsets go on counting. */
class Outbox extends ByteWriter {
  taken(): Uint8Array {
    const written = this.getBytes().slice();
    this.index = 0;
    return written;
  }
}

function schemaElement({ name, kind }: Column): SchemaElement {
  const optional = { name, repetition_type: "OPTIONAL" } as const;
  if (kind === "integer") return { ...optional, type: "INT64" };
  if (kind === "time") {
    const timestamp = { type: "TIMESTAMP", isAdjustedToUTC: true, unit: "MICROS" } as const;
    return { ...optional, type: "INT64", converted_type: "TIMESTAMP_MICROS", logical_type: timestamp };
  }
  return { ...optional, type: "BYTE_ARRAY", converted_type: "UTF8" };
}

function microseconds(cell: string): bigint {
  const text = instantText(cell);
  return BigInt(Date.parse(`${text.slice(0, 19)}Z`)) * 1000n + BigInt(text.slice(20, 26));
}

type Value = string | bigint | null;

function readCell({ kind, source }: Column, names: Names): (cells: string[]) => Value {
  if (kind === "integer") return (cells) => (cells[source] ? BigInt(cells[source]) : null);
  if (kind === "time") return (cells) => (cells[source] ? microseconds(cells[source]) : null);
  if (kind === "name") return (cells) => (cells[source] && names.get(cells[source])) || null;
  return (cells) => cells[source] || null;
}

/**
 * Parquet with one row group per page. Amounts are strings: they have as many places as they need, and most readers turn a DECIMAL into
 * a binary float.
 */
export function parquetEncoder({ columns }: Sheet, names: Names): Encoder {
  const outbox = new Outbox(1 << 20);
  const schema: SchemaElement[] = [{ name: "root", num_children: columns.length }, ...columns.map(schemaElement)];
  const readers = columns.map((column) => readCell(column, names));
  const writer = new ParquetWriter({ writer: outbox, schema, createdBy: "TokenTRA" });
  return {
    mediaType: "application/vnd.apache.parquet",
    extension: "parquet",
    begin: () => outbox.taken(),
    write(lines: Lines) {
      const columnData = columns.map(({ name }) => ({ name, data: new Array<Value>(lines.length) }));
      lines.forEach((line, row) => {
        const cells = cellsOf(line);
        for (let at = 0; at < readers.length; at++) columnData[at]!.data[row] = readers[at]!(cells);
      });
      void writer.write({ columnData, rowGroupSize: lines.length });
      return outbox.taken();
    },
    end() {
      void writer.finish();
      return outbox.taken();
    },
  };
}
