/** A Postgres error as postgres.js throws it; everything else is not ours to translate. */
type DatabaseError = { code: string; severity: string; message: string; detail?: string; hint?: string };

function isDatabaseError(error: unknown): error is DatabaseError {
  const candidate = error as Partial<DatabaseError> | null;
  return typeof candidate?.code === "string" && /^[0-9A-Z]{5}$/.test(candidate.code) && typeof candidate.severity === "string";
}

/** Codes and classes whose answer lite already gets right. */
const answeredByLite = /^(PGRST|PT\d{3}|42...|22...|21...|23502|23503|23505|25006)$/;

/** PostgREST's table of SQLSTATE → HTTP status, for the rest. First match wins. */
const statuses: [RegExp, number][] = [
  [/^08/, 503],
  [/^09/, 500],
  [/^0[LP]/, 403],
  [/^25/, 500],
  [/^28/, 403],
  [/^(2D|38|39|3B|40)/, 500],
  [/^53400$/, 500],
  [/^53/, 503],
  [/^5[45]/, 500],
  [/^57P01$/, 503],
  [/^57/, 500],
  [/^58/, 500],
  [/^(F0|HV)/, 500],
  [/^P0001$/, 400],
  [/^P0/, 500],
  [/^XX/, 500],
];

/**
 * Gives lite an error it answers as PostgREST would. lite turns P0001, 23514, 57014 and others into a bare 500 without
 * code, detail and hint; its own `PGRST` form lets an error name its status and body, so we say it in that form.
 */
export function asPostgrestError(error: unknown): unknown {
  if (!isDatabaseError(error) || answeredByLite.test(error.code)) return error;
  const status = statuses.find(([pattern]) => pattern.test(error.code))?.[1] ?? 400;
  const body = { code: error.code, message: error.message, details: error.detail ?? null, hint: error.hint ?? null };
  return { code: "PGRST", severity: error.severity, message: JSON.stringify(body), detail: JSON.stringify({ status, headers: {} }) };
}
