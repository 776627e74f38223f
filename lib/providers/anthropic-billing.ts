// Anthropic's usage and cost reports, read with an admin key.
// https://platform.claude.com/docs/en/api/admin-api/usage-cost
import { Decimal } from "decimal.js";
import { z } from "zod";
import { type BillingAdapter, type BillingContext, BillingError, billedLines, type CostComponent, usageBuckets } from "./billing.ts";
import { Count, ExactDecimal, nextCursor, readBilling, text, toDay, walkPages } from "./billing-http.ts";

const page = <T extends z.ZodType>(result: T) =>
  z.object({
    data: z.array(z.object({ starting_at: z.iso.datetime({ offset: true }), results: z.array(result) })),
    has_more: z.boolean(),
    next_page: z.string().nullish(),
  });

const UsagePage = page(
  z.object({
    uncached_input_tokens: Count,
    cache_read_input_tokens: Count,
    cache_creation: z.object({ ephemeral_5m_input_tokens: Count, ephemeral_1h_input_tokens: Count }).nullish(),
    output_tokens: Count,
    server_tool_use: z.object({ web_search_requests: Count }).nullish(),
    api_key_id: text,
    workspace_id: text,
    model: z.string(),
    service_tier: text,
    context_window: text,
    inference_geo: text,
  }),
);

const CostPage = page(
  z.object({
    // The smallest unit of the currency, as decimal text: "123.45" is $1.2345.
    amount: ExactDecimal,
    currency: z.string(),
    description: text,
    cost_type: text,
    token_type: text,
    model: text,
    service_tier: text,
    context_window: text,
    inference_geo: text,
    workspace_id: text,
  }),
);

const components: Record<string, CostComponent> = {
  uncached_input_tokens: "input",
  cache_read_input_tokens: "cached_input",
  "cache_creation.ephemeral_5m_input_tokens": "cache_write",
  "cache_creation.ephemeral_1h_input_tokens": "cache_write",
  output_tokens: "output",
};

function ask<T>(context: BillingContext, path: string, query: [string, string][], schema: z.ZodType<T>): Promise<T> {
  const url = `${context.baseUrls.api}${path}?${new URLSearchParams(query)}`;
  const headers = { "x-api-key": context.credential, "anthropic-version": "2023-06-01" };
  return readBilling(context, { who: "Anthropic", url, headers }, schema);
}

const groups = (...fields: string[]): [string, string][] => fields.map((field) => ["group_by[]", field]);
const regionOf = (geo: string): string => (geo === "not_available" ? "" : geo);

export const anthropicBilling: BillingAdapter = {
  provider: "anthropic",
  baseUrls: { api: "https://api.anthropic.com" },

  async test(context) {
    const range: [string, string][] = [
      ["starting_at", `${toDay(context.now() - 86_400_000)}T00:00:00Z`],
      ["limit", "1"],
    ];
    await ask(context, "/v1/organizations/cost_report", [...range, ...groups("description")], CostPage);
    await ask(context, "/v1/organizations/usage_report/messages", [...range, ["bucket_width", "1d"], ...groups("model")], UsagePage);
  },

  async report(context, { from, to }) {
    const usage = usageBuckets();
    const costs = billedLines();
    const range: [string, string][] = [
      ["starting_at", `${from}T00:00:00Z`],
      ["ending_at", `${to}T00:00:00Z`],
      ["bucket_width", "1d"],
      ["limit", "31"],
    ];
    const at = (cursor: string | null): [string, string][] => (cursor === null ? [] : [["page", cursor]]);

    await walkPages("Anthropic", async (cursor) => {
      const query = [...range, ...groups("workspace_id", "api_key_id", "model", "service_tier", "inference_geo"), ...at(cursor)];
      const answer = await ask(context, "/v1/organizations/usage_report/messages", query, UsagePage);
      for (const { starting_at, results } of answer.data) {
        for (const result of results) {
          const bucket = {
            day: toDay(Date.parse(starting_at)),
            project: result.workspace_id,
            provider_key: result.api_key_id,
            model: result.model,
            service_tier: result.service_tier || "standard",
            region: regionOf(result.inference_geo),
          };
          const units: Record<string, number> = {
            input_tokens: result.uncached_input_tokens,
            cached_input_tokens: result.cache_read_input_tokens,
            cache_write_5m_tokens: result.cache_creation?.ephemeral_5m_input_tokens ?? 0,
            cache_write_1h_tokens: result.cache_creation?.ephemeral_1h_input_tokens ?? 0,
            output_tokens: result.output_tokens,
            web_search_calls: result.server_tool_use?.web_search_requests ?? 0,
          };
          for (const [unit, count] of Object.entries(units)) if (count > 0) usage.put({ ...bucket, unit, quantity: String(count) });
        }
      }
      return nextCursor("Anthropic", answer);
    });

    await walkPages("Anthropic", async (cursor) => {
      const query = [...range, ...groups("workspace_id", "description", "inference_geo"), ...at(cursor)];
      const answer = await ask(context, "/v1/organizations/cost_report", query, CostPage);
      for (const { starting_at, results } of answer.data) {
        for (const line of results) {
          if (line.currency.toUpperCase() !== "USD")
            throw new BillingError("malformed", `Anthropic bills in ${line.currency}, not in US dollars.`);
          costs.put({
            day: toDay(Date.parse(starting_at)),
            project: line.workspace_id,
            provider_key: "",
            line_item: [line.description, line.service_tier, line.context_window, line.token_type, regionOf(line.inference_geo)]
              .filter(Boolean)
              .join(" · "),
            model: line.model,
            component: components[line.token_type] ?? "other",
            amount: new Decimal(line.amount).div(100).toFixed(),
          });
        }
      }
      return nextCursor("Anthropic", answer);
    });
    return { usage: usage.rows(), costs: costs.rows() };
  },
};
