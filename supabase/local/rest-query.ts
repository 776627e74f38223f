const filterOperator = /^((?:not\.)?(?:eq|neq|gt|gte|lt|lte|is|in|isdistinct)(?:\((?:any|all)\))?)\.(.*)$/s;
const reserved = new Set(["select", "order", "limit", "offset", "columns", "on_conflict", "or", "and", "not.or", "not.and"]);

/** A number whose spelling does not survive `Number()`: 1.50, 007, 9007199254740993. */
function losesSpelling(value: string): boolean {
  return /^[-+]?\d*\.?\d+(?:e[-+]?\d+)?$/i.test(value) && String(Number(value)) !== value;
}

const quote = (value: string) => (losesSpelling(value) ? `"${value}"` : value);

/**
 * lite turns filter values that look like numbers into numbers, so `code=eq.1.50` would ask for 1.5 and find nothing.
 * In quotes they stay as they were written; lite takes the quotes off again.
 */
export function keepFilterSpelling(url: URL): URL {
  if (!/\d/.test(url.search)) return url;
  const params = new URLSearchParams();
  for (const [name, value] of url.searchParams) {
    const [, operator, operand = ""] = filterOperator.exec(value) ?? [];
    params.append(name, operator && !reserved.has(name) ? `${operator}.${quoteOperand(operand)}` : value);
  }
  const kept = new URL(url);
  kept.search = params.toString();
  return kept;
}

function quoteOperand(operand: string): string {
  const list = /^([({])(.*)([)}])$/s.exec(operand);
  if (!list) return quote(operand);
  if (list[2]?.includes('"')) return operand;
  return `${list[1]}${(list[2] ?? "").split(",").map(quote).join(",")}${list[3]}`;
}
