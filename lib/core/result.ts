import { fromDatabaseError } from "./database-errors.ts";
import { AppError, type ErrorCode, errorTable } from "./errors.ts";

/** What a form gets back from its action: never an exception. `message` says what to do; `fields` puts it beside the field. */
export type Failure = { code: ErrorCode; message: string; fields: Record<string, string> };
export type Result<T = null> = { ok: true; data: T } | { ok: false; error: Failure };

export function done<T>(data: T): Result<T> {
  return { ok: true, data };
}

export function failed(code: ErrorCode, message: string, fields: Record<string, string> = {}): Result<never> {
  return { ok: false, error: { code, message, fields } };
}

/** A database, network or unknown error as a sentence for a person. `sentences` replaces the general one of a code. */
export function failedBy(error: unknown, sentences: Partial<Record<ErrorCode, string>> = {}): Result<never> {
  const known = error instanceof AppError ? error : fromDatabaseError(error);
  const code = known?.code ?? "internal";
  const ours = known?.param || (known && known.message !== errorTable[code].message);
  const message = sentences[code] ?? (ours ? known?.message : undefined) ?? errorTable[code].message;
  return failed(code, message, known?.param ? { [known.param]: known.message } : {});
}

type Issue = { path: readonly PropertyKey[]; message: string };

/** The first complaint of a schema per field, as a failure. */
export function failedFields(issues: readonly Issue[]): Result<never> {
  const fields: Record<string, string> = {};
  for (const issue of issues) fields[String(issue.path[0] ?? "")] ??= issue.message;
  return failed("invalid", "Some fields need another look.", fields);
}
