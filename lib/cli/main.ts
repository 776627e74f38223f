#!/usr/bin/env node
import { ImportRefused } from "../imports/import-client.ts";
import type { ImportProgress } from "../imports/run-import.ts";
import { readArguments, UsageError, usage } from "./arguments.ts";
import { importFile } from "./import-file.ts";
import { report } from "./report.ts";

function showProgress({ phase, rows_read, bytes_read, file_bytes }: ImportProgress): void {
  if (!process.stderr.isTTY) return;
  const percent = file_bytes === 0 ? 100 : Math.floor((Math.min(bytes_read, file_bytes) / file_bytes) * 100);
  const words = phase === "hashing" ? "reading the file" : `${percent} %  ${rows_read.toLocaleString("en-US")} rows`;
  process.stderr.write(`\r\u001b[K${words}`);
}

const clearProgress = (): void => {
  if (process.stderr.isTTY) process.stderr.write("\r\u001b[K");
};

async function main(): Promise<number> {
  const given = readArguments(process.argv.slice(2), process.env);
  if (given === null) {
    process.stdout.write(`${usage}\n`);
    return 0;
  }
  const say = (line: string) => {
    if (!given.isJson) process.stderr.write(`${process.stderr.isTTY ? "\r\u001b[K" : ""}${line}\n`);
  };
  const document = await importFile(given, say, given.isJson ? () => {} : showProgress);
  clearProgress();
  process.stdout.write(`${given.isJson ? JSON.stringify(document, null, 2) : report(document)}\n`);
  return document.rejected > 0 ? 2 : 0;
}

try {
  process.exitCode = await main();
} catch (error) {
  clearProgress();
  if (error instanceof UsageError) process.stderr.write(`${error.message}\n\n${usage}\n`);
  else if (error instanceof ImportRefused)
    process.stderr.write(`The import stopped: ${error.message} (${error.code})\nRun the same command again to go on.\n`);
  else process.stderr.write(`The import stopped: ${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
