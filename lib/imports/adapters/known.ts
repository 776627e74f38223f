import type { Adapter } from "../adapter.ts";
import { anthropic } from "./anthropic.ts";
import { focus } from "./focus.ts";
import { helicone } from "./helicone.ts";
import { langfuse } from "./langfuse.ts";
import { litellm } from "./litellm.ts";
import { openai } from "./openai.ts";
import { tokentra } from "./tokentra.ts";

/** Every kind of file that can be imported, the most telling header first. */
export const adapters: readonly Adapter[] = [focus, litellm, helicone, langfuse, anthropic, openai, tokentra];

export const adapterOf = (id: string): Adapter | null => adapters.find((adapter) => adapter.id === id) ?? null;

/** The adapter that recognises these columns, or null: then it is a table of somebody's own, to be mapped. */
export const detectAdapter = (columns: readonly string[]): Adapter | null => {
  const names = new Set(columns);
  return adapters.find((adapter) => adapter.matches(names)) ?? null;
};
