const names = [
  "authorization",
  "proxy-authorization",
  "cookie",
  "set-cookie",
  "x-api-key",
  "apikey",
  "api_key",
  "password",
  "token",
  "access_token",
  "refresh_token",
  "token_hash",
  "secret",
  "client_secret",
  "database_url",
];

const name = names.join("|");
const mark = "(redacted)";

/** `"name": "value"` and `"name": ["value", …]` in the line's own JSON. */
const named = new RegExp(`("(?:${name})"\\s*:\\s*)(?:"(?:[^"\\\\]|\\\\.)*"|\\[(?:\\s*"(?:[^"\\\\]|\\\\.)*"\\s*,?)*\\])`, "gi");
/** The same in JSON that stands escaped inside a string, at any depth: the value ends at a quote with as many backslashes as its first. */
const namedInside = new RegExp(`((\\\\+)"(?:${name})\\2"\\s*:\\s*\\2")(?:[^"\\\\]|\\\\.)*?(?<!\\\\)\\2"`, "gi");
/** `name: value` and `name=value` in prose, headers and queries. */
const written = new RegExp(`\\b((?:${name})\\s*[:=]\\s*)(?:Bearer\\s+)?[^\\s"'\\\\,;&{}[\\]]+`, "gi");

/** What gives itself away by its shape, wherever it stands. */
const shapes: [RegExp, string][] = [
  [/tt_(live|test)_[A-Za-z0-9_-]{6,}/g, `tt_$1_${mark}`],
  [/sb_(secret|publishable)_[A-Za-z0-9_-]+/g, `sb_$1_${mark}`],
  [/\bsk-[A-Za-z0-9_-]{8,}/g, `sk-${mark}`],
  [/eyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*)?/g, mark],
  [/\bBearer\s+[^\s"'\\]+/gi, `Bearer ${mark}`],
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@"'\\]+@/gi, `$1${mark}@`],
];

/** Whether a line may hold any of it: most hold nothing, and this asks four times faster. */
const suspicious = /tt_|sb_|sk-|eyJ|bearer|:\/\/|authorization|cookie|api[_-]?key|password|token|secret|database_url/i;

/**
 * The one redactor. It works on the finished line, so that neither a field, a message nor a stack can get round it.
 * Running it twice changes nothing, and JSON stays JSON.
 */
export function redact(line: string): string {
  if (!suspicious.test(line)) return line;
  let safe = line.replace(named, `$1"${mark}"`).replace(namedInside, `$1${mark}$2"`).replace(written, `$1${mark}`);
  for (const [shape, replacement] of shapes) safe = safe.replace(shape, replacement);
  return safe;
}
