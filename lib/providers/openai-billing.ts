// OpenAI's organization usage and costs, read with an admin key.
// https://platform.openai.com/docs/api-reference/usage
import { z } from "zod";
import {
  type BilledLine,
  type BillingAdapter,
  type BillingContext,
  BillingError,
  billedLines,
  type CostComponent,
  usageBuckets,
} from "./billing.ts";
import { Count, dayToSeconds, ExactDecimal, nextCursor, readBilling, text, toDay, walkPages } from "./billing-http.ts";

const page = <T extends z.ZodType>(result: T) =>
  z.object({
    data: z.array(z.object({ start_time: z.number().int(), results: z.array(result) })),
    has_more: z.boolean(),
    next_page: z.string().nullish(),
  });

const UsagePage = page(
  z.object({
    input_tokens: Count,
    input_cached_tokens: Count,
    input_audio_tokens: Count,
    output_tokens: Count,
    output_audio_tokens: Count,
    num_model_requests: Count,
    project_id: text,
    api_key_id: text,
    model: z.string(),
    batch: z.boolean().nullish(),
    service_tier: text,
  }),
);

const CostPage = page(
  z.object({
    amount: z.object({ value: ExactDecimal, currency: z.string() }),
    line_item: z.string(),
    project_id: text,
    api_key_id: text,
  }),
);

const components: Record<string, CostComponent> = {
  input: "input",
  "audio input": "input",
  "cached input": "cached_input",
  "cached audio input": "cached_input",
  "cache write": "cache_write",
  output: "output",
  "audio output": "output",
};

/** `gpt-4o-2024-08-06, cached input` → model and component; what is no such line (a tool fee, storage) belongs to no model. */
export function readLineItem(lineItem: string): Pick<BilledLine, "model" | "component"> {
  const [model = "", ...rest] = lineItem.split(",").map((part) => part.trim());
  const component =
    components[
      rest
        .filter((part) => !/^(batch|flex|priority)$/i.test(part))
        .join(", ")
        .toLowerCase()
    ];
  return component ? { model, component } : { model: "", component: "other" };
}

function tierOf(isBatch: boolean | null | undefined, tier: string): string {
  if (isBatch) return "batch";
  return tier === "" || tier === "default" ? "standard" : tier;
}

function ask<T>(context: BillingContext, path: string, query: [string, string][], schema: z.ZodType<T>): Promise<T> {
  const url = `${context.baseUrls.api}${path}?${new URLSearchParams(query)}`;
  return readBilling(context, { who: "OpenAI", url, headers: { authorization: `Bearer ${context.credential}` } }, schema);
}

const groups = (...fields: string[]): [string, string][] => fields.map((field) => ["group_by", field]);

export const openaiBilling: BillingAdapter = {
  provider: "openai",
  baseUrls: { api: "https://api.openai.com" },

  async test(context) {
    const yesterday: [string, string][] = [
      ["start_time", String(dayToSeconds(toDay(context.now())) - 86_400)],
      ["limit", "1"],
    ];
    await ask(context, "/v1/organization/costs", [...yesterday, ...groups("line_item")], CostPage);
    await ask(context, "/v1/organization/usage/completions", [...yesterday, ...groups("model")], UsagePage);
  },

  async report(context, { from, to }) {
    const usage = usageBuckets();
    const costs = billedLines();
    const range: [string, string][] = [
      ["start_time", String(dayToSeconds(from))],
      ["end_time", String(dayToSeconds(to))],
      ["bucket_width", "1d"],
      ["limit", "31"],
    ];
    const at = (cursor: string | null): [string, string][] => (cursor === null ? [] : [["page", cursor]]);

    await walkPages("OpenAI", async (cursor) => {
      const query = [...range, ...groups("project_id", "api_key_id", "model", "batch", "service_tier"), ...at(cursor)];
      const answer = await ask(context, "/v1/organization/usage/completions", query, UsagePage);
      for (const { start_time, results } of answer.data) {
        for (const result of results) {
          if (result.input_cached_tokens > result.input_tokens) {
            throw new BillingError("malformed", `OpenAI reports more cached than input tokens for ${result.model}.`);
          }
          const bucket = {
            day: toDay(start_time * 1000),
            project: result.project_id,
            provider_key: result.api_key_id,
            model: result.model,
            service_tier: tierOf(result.batch, result.service_tier),
            region: "",
          };
          const units: Record<string, number> = {
            requests: result.num_model_requests,
            // Text input, of which cached; audio is counted beside it.
            input_tokens: result.input_tokens - result.input_cached_tokens,
            cached_input_tokens: result.input_cached_tokens,
            input_audio_tokens: result.input_audio_tokens,
            output_tokens: result.output_tokens,
            output_audio_tokens: result.output_audio_tokens,
          };
          for (const [unit, count] of Object.entries(units)) if (count > 0) usage.put({ ...bucket, unit, quantity: String(count) });
        }
      }
      return nextCursor("OpenAI", answer);
    });

    await walkPages("OpenAI", async (cursor) => {
      const query = [...range, ...groups("project_id", "api_key_id", "line_item"), ...at(cursor)];
      const answer = await ask(context, "/v1/organization/costs", query, CostPage);
      for (const { start_time, results } of answer.data) {
        for (const { amount, line_item, project_id, api_key_id } of results) {
          if (amount.currency.toLowerCase() !== "usd")
            throw new BillingError("malformed", `OpenAI bills in ${amount.currency}, not in US dollars.`);
          const day = toDay(start_time * 1000);
          costs.put({ day, project: project_id, provider_key: api_key_id, line_item, ...readLineItem(line_item), amount: amount.value });
        }
      }
      return nextCursor("OpenAI", answer);
    });
    return { usage: usage.rows(), costs: costs.rows() };
  },
};
