// Filters of a postgres_changes subscription: `column=operator.value`, several joined by commas, `not.` negates.
// Values arrive as Postgres writes them in text, so comparing needs the column's type.

export type Condition = { column: string; operator: Operator; isNegated: boolean; value: string; list: string[] };
export type Row = Record<string, string | null | undefined>;

const OPERATORS = ["eq", "neq", "lt", "lte", "gt", "gte", "in", "like", "ilike", "is", "match", "imatch", "isdistinct"] as const;
type Operator = (typeof OPERATORS)[number];

/** Throws an Error that names the offending part; an empty filter has no conditions. */
export function parseFilter(filter: string | undefined): Condition[] {
  if (!filter) return [];
  return splitOutsideQuotes(filter).map((part) => {
    const [, column, negation, operator, raw] = /^([^=]+)=(not\.)?([a-z]+)\.(.*)$/s.exec(part.trim()) ?? [];
    if (column === undefined || raw === undefined || !isOperator(operator)) throw new Error(`Error parsing \`filter\` params: ${part}`);
    // A pattern that is none is refused here, where the client is told, and not when the first row comes by.
    if (operator === "match" || operator === "imatch") new RegExp(unquote(raw));
    const list = operator === "in" ? splitOutsideQuotes(raw.replace(/^\((.*)\)$/s, "$1")).map(unquote) : [];
    return { column, operator, isNegated: negation !== undefined, value: unquote(raw), list };
  });
}

/** Whether a row passes all conditions. A comparison with null is false, negated or not, as in SQL. */
export function passes(conditions: Condition[], row: Row, types: ReadonlyMap<string, string>): boolean {
  return conditions.every((condition) => {
    const cell = row[condition.column];
    const result = holds(condition, cell, types.get(condition.column) ?? "text");
    return result === null ? false : result !== condition.isNegated;
  });
}

function holds({ operator, value, list }: Condition, cell: string | null | undefined, type: string): boolean | null {
  if (operator === "is") {
    if (value === "null" || value === "unknown") return cell == null;
    return cell != null && plain(type, cell) === value;
  }
  if (operator === "isdistinct") return cell == null ? value !== "null" : compare(type, cell, value) !== 0;
  if (cell == null) return null;
  switch (operator) {
    case "eq":
      return compare(type, cell, value) === 0;
    case "neq":
      return compare(type, cell, value) !== 0;
    case "lt":
      return compare(type, cell, value) < 0;
    case "lte":
      return compare(type, cell, value) <= 0;
    case "gt":
      return compare(type, cell, value) > 0;
    case "gte":
      return compare(type, cell, value) >= 0;
    case "in":
      return list.some((item) => compare(type, cell, item) === 0);
    case "like":
    case "ilike":
      return likePattern(value, operator === "ilike").test(cell);
    case "match":
    case "imatch":
      return new RegExp(value, operator === "imatch" ? "i" : "").test(cell);
  }
}

const NUMBERS = /^(int[248]|float[48]|numeric|oid)$/;
const INSTANTS = /^(timestamp|timestamptz|date)$/;

/** Negative, zero or positive; NaN (never equal, never ordered) when a value does not fit the column's type. */
function compare(type: string, left: string, right: string): number {
  if (NUMBERS.test(type)) {
    if (/^-?\d+$/.test(left) && /^-?\d+$/.test(right)) return order(BigInt(left), BigInt(right));
    return Number(left) - Number(right);
  }
  if (INSTANTS.test(type)) return instant(left) - instant(right);
  if (type === "uuid") return order(left.toLowerCase(), right.toLowerCase());
  return order(plain(type, left), plain(type, right));
}

const order = <T extends bigint | string>(left: T, right: T): number => (left < right ? -1 : left > right ? 1 : 0);

/** `2026-11-20 22:35:47.5+00` and its ISO spelling mean the same instant; without an offset both sides read as UTC. */
function instant(text: string): number {
  const iso = text
    .trim()
    .replace(" ", "T")
    .replace(/([+-]\d\d)$/, "$1:00");
  return Date.parse(iso.length > 10 && !/(Z|[+-]\d\d:\d\d)$/i.test(iso) ? `${iso}Z` : iso);
}

function plain(type: string, text: string): string {
  if (type !== "bool") return text;
  return text === "t" || text === "true" ? "true" : text === "f" || text === "false" ? "false" : text;
}

function likePattern(pattern: string, ignoresCase: boolean): RegExp {
  const source = pattern.replace(/\\(.)|[%_]|[.*+?^${}()|[\]\\]/gs, (found, escaped: string | undefined) => {
    if (escaped !== undefined) return escaped.replace(/[.*+?^${}()|[\]\\]/, "\\$&");
    return found === "%" ? ".*" : found === "_" ? "." : `\\${found}`;
  });
  return new RegExp(`^${source}$`, ignoresCase ? "is" : "s");
}

/** Splits at commas that stand neither in double quotes nor in parentheses. */
function splitOutsideQuotes(text: string): string[] {
  const parts = [""];
  let isQuoted = false;
  let depth = 0;
  for (let index = 0; index < text.length; index++) {
    const character = text[index]!;
    const last = parts.length - 1;
    if (isQuoted && character === "\\") {
      parts[last] += character + (text[++index] ?? "");
      continue;
    }
    if (character === '"') isQuoted = !isQuoted;
    else if (!isQuoted && character === "(") depth++;
    else if (!isQuoted && character === ")") depth--;
    if (character === "," && !isQuoted && depth === 0) parts.push("");
    else parts[last] += character;
  }
  return parts;
}

const unquote = (value: string): string => (/^".*"$/s.test(value) ? value.slice(1, -1).replace(/\\(.)/gs, "$1") : value);

const isOperator = (name: string | undefined): name is Operator => OPERATORS.some((operator) => operator === name);
