import { z } from "zod";

/** Why a value is not taken. The sentence follows the field's name: "input_tokens must be …". */
export class Refusal {
  readonly code: "invalid" | "too_large" | "timestamp_out_of_range";
  readonly rule: string;
  constructor(rule: string, code: Refusal["code"] = "invalid") {
    this.rule = rule;
    this.code = code;
  }
}

/**
 * One field, said twice: `zod` is the contract (types, documents, forms), `read` decides on the hot path, five times as fast.
 * A property test holds the two to the same verdict. Absent, null and (for text) empty all read as null.
 */
export type FieldRule<T> = { zod: z.ZodType; required: boolean; read: (value: unknown) => T | Refusal };

/** NUL, which Postgres cannot store, and halves of surrogate pairs, which are not text. */
const notText = /[\0\p{Surrogate}]/u;

const isText = (value: string): boolean => !notText.test(value);
const notTextRule = "must be valid Unicode without NUL characters";

/** Optional text of at most `max` UTF-16 units, kept exactly as sent. */
export function text(max: number): FieldRule<string | null> {
  const wrong = new Refusal("must be a string");
  const long = new Refusal(`must have at most ${max} characters`);
  const broken = new Refusal(notTextRule);
  return {
    required: false,
    zod: z.string().max(max).refine(isText, notTextRule).nullish(),
    read(value) {
      if (typeof value !== "string") return value === null || value === undefined ? null : wrong;
      if (value.length > max) return long;
      if (notText.test(value)) return broken;
      return value === "" ? null : value;
    },
  };
}

/** Text that has to be there and has to hold more than white space. */
export function requiredText(max: number): FieldRule<string> {
  const optional = text(max);
  const missing = new Refusal("is required and must not be blank");
  return {
    required: true,
    zod: z
      .string()
      .max(max)
      .refine(isText, notTextRule)
      .refine((value) => value.trim() !== "", missing.rule),
    read(value) {
      const found = optional.read(value);
      if (found === null) return missing;
      return typeof found === "string" && found.trim() === "" ? missing : found;
    },
  };
}

/** A whole number from 0 to `max`, sent as a JSON number. */
export function count(max: number): FieldRule<number | null> {
  const wrong = new Refusal(`must be a whole number from 0 to ${max}`);
  return {
    required: false,
    zod: z.number().int().min(0).max(max).nullish(),
    read(value) {
      if (value === null || value === undefined) return null;
      if (typeof value !== "number" || !Number.isInteger(value) || value < 0 || value > max) return wrong;
      return value === 0 ? 0 : value;
    },
  };
}

export function flag(): FieldRule<boolean | null> {
  const wrong = new Refusal("must be true or false");
  return {
    required: false,
    zod: z.boolean().nullish(),
    read(value) {
      if (value === null || value === undefined) return null;
      return typeof value === "boolean" ? value : wrong;
    },
  };
}

/** One of a closed list; absent means `fallback`. */
export function oneOf<const T extends string>(allowed: readonly [T, ...T[]], fallback: T): FieldRule<T> {
  const wrong = new Refusal(`must be one of ${allowed.join(", ")}`);
  return {
    required: false,
    zod: z.enum(allowed).nullish(),
    read(value) {
      if (value === null || value === undefined) return fallback;
      return allowed.includes(value as T) ? (value as T) : wrong;
    },
  };
}

const decimalPattern = /^\d{1,12}(\.\d{1,9})?$/;

function decimalText(value: string | number): string | null {
  if (typeof value === "string") return decimalPattern.test(value) ? value : null;
  const plain = String(value);
  if (!plain.includes("e")) return decimalPattern.test(plain) ? plain : null;
  // 1e-7 is a fair number with an exponent; what nine places cannot hold is refused, not rounded.
  const fixed = value.toFixed(9);
  return Number(fixed) === value && decimalPattern.test(fixed) ? fixed : null;
}

/** An exact quantity: 12 digits before the point and 9 after it, as a JSON number or a decimal string; handed on as text. */
export function quantity(): FieldRule<string | null> {
  const wrong = new Refusal("must be a decimal from 0 with at most 12 digits before and 9 after the point");
  return {
    required: false,
    zod: z
      .union([z.string(), z.number()])
      .refine((value) => decimalText(value) !== null, wrong.rule)
      .nullish(),
    read(value) {
      if (value === null || value === undefined) return null;
      if (typeof value !== "string" && typeof value !== "number") return wrong;
      return decimalText(value) ?? wrong;
    },
  };
}
