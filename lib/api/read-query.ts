import type { z } from "zod";
import { AppError } from "../core/errors.ts";

const name = /^[a-z_]{1,40}$/;

/**
 * The query string by its schema. Fields that are lists may be repeated, every other one may be given once.
 * @throws AppError `invalid` that names the parameter and the rule it breaks.
 */
export function readQuery<T extends z.ZodObject>(schema: T, search: URLSearchParams): z.infer<T> {
  const given: Record<string, string | string[]> = {};
  for (const key of new Set(search.keys())) {
    const field = name.test(key) && Object.hasOwn(schema.shape, key) ? schema.shape[key] : undefined;
    if (field === undefined) throw new AppError("invalid", "There is no such parameter.", { param: key.slice(0, 40) });
    const values = search.getAll(key);
    if (isList(field)) given[key] = values;
    else if (values.length === 1) given[key] = values[0] ?? "";
    else throw new AppError("invalid", `${key} may be given once.`, { param: key });
  }
  const parsed = schema.safeParse(given);
  if (parsed.success) return parsed.data;
  const issue = parsed.error.issues[0];
  const param = String(issue?.path[0] ?? "");
  throw new AppError("invalid", `${param} ${issue?.message ?? "is not valid"}.`, { param });
}

function isList(field: z.core.$ZodType): boolean {
  const { def } = field._zod;
  if (def.type === "array") return true;
  const inner = (def as { innerType?: z.core.$ZodType }).innerType;
  return inner !== undefined && isList(inner);
}
