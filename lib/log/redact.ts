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

/** `"name": "value"` or `"name": [values]`, also when the JSON stands escaped inside another string. */
const namedSecret = new RegExp(`(\\\\*"(?:${names.join("|")})\\\\*"\\s*:\\s*)(\\\\*"(?:[^"\\\\]|\\\\[^"])*\\\\*"|\\[[^\\]]*\\])`, "gi");
const headerSecret = new RegExp(`\\b((?:${names.join("|")})\\s*[:=]\\s*)(?:Bearer\\s+)?[^\\s"'\\\\,;&{}[\\]]+`, "gi");

/** What gives itself away by its shape, wherever it stands. */
const shapes: [RegExp, string][] = [
  [/\btt_(live|test)_[A-Za-z0-9_-]{6,}/g, "tt_$1_[redacted]"],
  [/\bsb_(secret|publishable)_[A-Za-z0-9_-]+/g, "sb_$1_[redacted]"],
  [/\bsk-[A-Za-z0-9_-]{8,}/g, "sk-[redacted]"],
  [/\beyJ[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+(\.[A-Za-z0-9_-]*)?/g, "[redacted jwt]"],
  [/\bBearer\s+[^\s"'\\]+/gi, "Bearer [redacted]"],
  [/(\b[a-z][a-z0-9+.-]*:\/\/)[^\s/@"'\\]+@/gi, "$1[redacted]@"],
];

/**
 * The one redactor. It works on the finished line, so that neither a field, a message nor a stack can get round it.
 * Running it twice changes nothing.
 */
export function redact(line: string): string {
  let safe = line.replace(namedSecret, (_all, name: string, value: string) =>
    value.startsWith("[") ? `${name}["[redacted]"]` : `${name}${quoteOf(value)}[redacted]${quoteOf(value)}`,
  );
  safe = safe.replace(headerSecret, "$1[redacted]");
  for (const [shape, replacement] of shapes) safe = safe.replace(shape, replacement);
  return safe;
}

const quoteOf = (value: string): string => /^\\*"/.exec(value)?.[0] ?? '"';
