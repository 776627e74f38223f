import { JSONParser } from "@streamparser/json";
import { objectOf } from "./cells.ts";
import type { ReadRow } from "./rows.ts";

const longestLine = 4_000_000;

/** One JSON object per line. A line that is none is reported, and the next one is read. */
export function createJsonLineReader(): { push: (text: string, isLast: boolean) => ReadRow[] } {
  let rest = "";
  let line = 0;
  function readLine(text: string): ReadRow | null {
    line++;
    if (text.trim() === "") return null;
    if (text.length > longestLine) return { line, problem: "is longer than 4 MB" };
    try {
      const row = objectOf(JSON.parse(text.replace(/^\ufeff/, "")));
      return row === null ? { line, problem: "is not a JSON object" } : { line, row };
    } catch {
      return { line, problem: "is not JSON" };
    }
  }
  return {
    push(text, isLast) {
      const lines = (rest + text).split("\n");
      rest = isLast ? "" : (lines.pop() ?? "");
      return lines.map(readLine).filter((row) => row !== null);
    },
  };
}

/** A JSON document: an array of objects, or an object whose `data` is one. Its rows are counted instead of its lines. */
export function createJsonReader(start: string): { push: (text: string, isLast: boolean) => ReadRow[] } {
  const parser = new JSONParser({ paths: [start.trimStart().startsWith("[") ? "$.*" : "$.data.*"], keepStack: false });
  let found: ReadRow[] = [];
  let line = 0;
  let isBroken = false;
  const problem = () => {
    if (!isBroken) found.push({ line: line + 1, problem: "the document is not JSON from here on" });
    isBroken = true;
  };
  parser.onValue = ({ value }) => {
    line++;
    const row = objectOf(value);
    found.push(row === null ? { line, problem: "is not a JSON object" } : { line, row });
  };
  parser.onError = problem;
  return {
    push(text, isLast) {
      found = [];
      if (!isBroken && text !== "") parser.write(text);
      if (isLast && !isBroken && !parser.isEnded) problem();
      return found;
    },
  };
}
