// Reading vendors' JSON without trusting it.

export type Json = Record<string, unknown>;

export const isJson = (value: unknown): value is Json => typeof value === "object" && value !== null && !Array.isArray(value);

export const objectIn = (value: unknown, key: string): Json | undefined => {
  const found = isJson(value) ? value[key] : undefined;
  return isJson(found) ? found : undefined;
};

export const listIn = (value: unknown, key: string): unknown[] => {
  const found = isJson(value) ? value[key] : undefined;
  return Array.isArray(found) ? found : [];
};

export const textIn = (value: unknown, key: string): string | undefined => {
  const found = isJson(value) ? value[key] : undefined;
  return typeof found === "string" && found !== "" ? found : undefined;
};

/** A count; undefined when absent, null or no count at all, which is not zero. */
export const countIn = (value: unknown, key: string): number | undefined => {
  const found = isJson(value) ? value[key] : undefined;
  return Number.isSafeInteger(found) && Number(found) >= 0 ? Number(found) : undefined;
};

export function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}
