import { z } from "zod";
import { type FieldRule, Refusal } from "./field-rules.ts";

export type JsonObjectLimits = { maxBytes: number; maxKeys: number; maxDepth: number; stringsOnly?: boolean };

/** In text that `JSON.stringify` wrote, such escapes stand for NUL and for lone surrogates only; the even backslashes before it are literal ones. */
const notStorable = /(?<!\\)(?:\\\\)*\\u(?:0000|d[89a-f])/;

const encoder = new TextEncoder();

function isPlainObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function isDeeperThan(value: unknown, levels: number): boolean {
  if (typeof value !== "object" || value === null) return false;
  if (levels === 0) return true;
  for (const inner of Array.isArray(value) ? value : Object.values(value)) if (isDeeperThan(inner, levels - 1)) return true;
  return false;
}

/**
 * Free JSON from outside. It is measured and handed on as JSON text, never merged into an object of ours, so that a key
 * such as `__proto__` or `constructor` stays what it is: data. An empty object reads as null.
 */
export function jsonObject(limits: JsonObjectLimits): FieldRule<string | null> {
  const { maxBytes, maxKeys, maxDepth, stringsOnly = false } = limits;
  const wrong = new Refusal(stringsOnly ? "must be an object of strings" : "must be an object");
  const manyKeys = new Refusal(`must have at most ${maxKeys} keys`, "too_large");
  const deep = new Refusal(`must not be nested deeper than ${maxDepth} levels`);
  const large = new Refusal(`must be at most ${maxBytes} bytes of JSON`, "too_large");
  const broken = new Refusal("must hold valid Unicode without NUL characters");

  function read(value: unknown): string | null | Refusal {
    if (value === null || value === undefined) return null;
    if (!isPlainObject(value)) return wrong;
    const keys = Object.keys(value);
    if (keys.length === 0) return null;
    if (keys.length > maxKeys) return manyKeys;
    if (stringsOnly) {
      for (const key of keys) if (typeof value[key] !== "string") return wrong;
    } else if (isDeeperThan(value, maxDepth)) return deep;
    const json = JSON.stringify(value);
    if (json.length > maxBytes || (json.length * 3 > maxBytes && encoder.encode(json).length > maxBytes)) return large;
    return notStorable.test(json) ? broken : json;
  }

  const shape = stringsOnly
    ? z.custom<Record<string, string>>(isPlainObject, wrong.rule)
    : z.custom<Record<string, unknown>>(isPlainObject, wrong.rule);
  return { required: false, read, zod: shape.refine((value) => !(read(value) instanceof Refusal), "is outside its limits").nullish() };
}
