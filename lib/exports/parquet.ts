import { ByteWriter, ParquetWriter } from "hyparquet-writer";
import type { Column, Rows } from "./columns.ts";
import { instantText } from "./columns.ts";
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

function columnValues({ kind, source }: Column, rows: Rows, names: Names): (string | bigint | null)[] {
  if (kind === "integer") return rows.map((row) => (row[source] ? BigInt(row[source]) : null));
  if (kind === "time") return rows.map((row) => (row[source] ? microseconds(row[source]) : null));
  if (kind === "name") return rows.map((row) => (row[source] && names.get(row[source])) || null);
  return rows.map((row) => row[source] || null);
}

/**
 * Parquet with one row group per page. Amounts are strings: they have as many places as they need, and most readers turn a DECIMAL into
 * a binary float.
 */
export function parquetEncoder(columns: readonly Column[], names: Names): Encoder {
  const outbox = new Outbox(1 << 20);
  const schema: SchemaElement[] = [{ name: "root", num_children: columns.length }, ...columns.map(schemaElement)];
  const writer = new ParquetWriter({ writer: outbox, schema, createdBy: "TokenTRA" });
  return {
    mediaType: "application/vnd.apache.parquet",
    extension: "parquet",
    begin: () => outbox.taken(),
    page(rows) {
      void writer.write({
        columnData: columns.map((column) => ({ name: column.name, data: columnValues(column, rows, names) })),
        rowGroupSize: rows.length,
      });
      return outbox.taken();
    },
    end() {
      void writer.finish();
      return outbox.taken();
    },
  };
}
