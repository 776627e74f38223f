import { z } from "zod";
import { choice, count, filterFields, groupings, milliseconds, money, time, wholeNumber, windowFields } from "../core/query-fields.ts";

/** Queries and answers of the public API. What is validated and what is documented are the same schemas. */

const granularity = choice(["total", "minute", "hour", "day", "week", "month"])
  .default("day")
  .describe("Length of a bucket, in the organization's time zone; total is one bucket for the whole window.");

const groupBy = choice(["none", ...groupings])
  .default("none")
  .describe("Split every bucket by this dimension.");

const limit = wholeNumber(1, 1000, 100).describe(
  "Keys at most. With buckets, the keys that cost most stand alone and the rest is folded into __other__; with total, the rest is cut and total_rows says how many there are.",
);

export const CostsQuery = z.strictObject({
  ...windowFields,
  granularity,
  group_by: groupBy,
  compare: choice(["none", "previous"])
    .default("none")
    .describe("previous adds what the window of the same length before it cost. Buckets are not compared: use granularity=total for keys."),
  limit,
  ...filterFields,
});
export type CostsQuery = z.infer<typeof CostsQuery>;

export const UsageQuery = z.strictObject({ ...windowFields, granularity, group_by: groupBy, limit, ...filterFields });
export type UsageQuery = z.infer<typeof UsageQuery>;

const searchText = z.string().min(1, "must not be empty").max(200, "must have at most 200 characters");
const cursor = z.string().max(200, "is no cursor of ours").optional().describe("next_cursor of the page before.");

export const RequestsQuery = z.strictObject({
  ...windowFields,
  search: searchText.optional().describe("Beginning of a request id, or an end user."),
  limit: wholeNumber(1, 500, 50),
  cursor,
  ...filterFields,
});
export type RequestsQuery = z.infer<typeof RequestsQuery>;

export const PricesQuery = z.strictObject({
  search: searchText.optional().describe("Words that all occur in provider, model or unit."),
  provider: z.string().min(1, "must not be empty").max(64, "must have at most 64 characters").optional(),
  unit: z.string().min(1, "must not be empty").max(64, "must have at most 64 characters").optional().describe("Such as input_tokens."),
  service_tier: z.string().min(1, "must not be empty").max(32, "must have at most 32 characters").optional(),
  state: choice(["current", "future", "past", "all"])
    .default("current")
    .describe("In force now, later, or no longer; past includes what was superseded."),
  scope: choice(["all", "used", "contracted"]).default("all").describe("used: models seen in the last 90 days."),
  limit: wholeNumber(1, 1000, 100),
  cursor,
});
export type PricesQuery = z.infer<typeof PricesQuery>;

const frame = {
  start: time,
  end: time,
  time_zone: z.string(),
  currency: z.literal("USD"),
  granularity: z.string(),
  group_by: z.string(),
};
const costs = {
  cost: money,
  cost_input: money,
  cost_cached_input: money,
  cost_cache_write: money,
  cost_output: money,
  cost_other: money,
  requests: count,
  not_exact_requests: count.describe("Requests whose cost is estimated, partial, disputed or missing."),
  unpriced_requests: count.describe("Requests without a known price: they are in no sum."),
};
const uses = {
  requests: count,
  errors: count,
  input_tokens: count,
  cached_input_tokens: count,
  output_tokens: count,
  reasoning_tokens: count,
  total_tokens: count,
  latency_p50_ms: milliseconds,
  latency_p95_ms: milliseconds,
};
const place = {
  bucket: time.nullable().describe("Beginning of the bucket; null with granularity=total."),
  key: z.string().describe("Value of the dimension; empty where it is not set, __other__ for the rest."),
  label: z.string(),
};
const before = { previous_cost: money.nullable(), previous_requests: count.nullable(), change_cost: money.nullable() };

export const CostsAnswer = z.object({
  ...frame,
  total: z.object({ ...costs, ...before }),
  total_rows: count,
  data: z.array(z.object({ ...place, ...costs, ...before })),
});

export const UsageAnswer = z.object({
  ...frame,
  total: z.object(uses),
  total_rows: count,
  data: z.array(z.object({ ...place, ...uses })),
});

const text = z.string().nullable();

const RequestRow = z.object({
  id: z.guid(),
  request_id: z.string(),
  timestamp: time,
  provider: z.string(),
  model: z.string(),
  endpoint: text,
  service_tier: text,
  status: z.enum(["success", "error", "timeout"]),
  error_code: text,
  input_tokens: count,
  cached_input_tokens: count,
  output_tokens: count,
  reasoning_tokens: count,
  latency_ms: milliseconds,
  time_to_first_token_ms: milliseconds,
  cost: money.nullable().describe("null where no price is known."),
  cost_status: z.string(),
  team_id: text,
  team_name: text,
  project_id: text,
  project_name: text,
  feature: text,
  end_user: text,
  environment: text,
  api_key_id: text,
  api_key_name: text,
});

const nextCursor = z.string().nullable().describe("Hand it back as cursor for the next page; null on the last.");

export const RequestsAnswer = z.object({
  start: time,
  end: time,
  time_zone: z.string(),
  data: z.array(RequestRow),
  next_cursor: nextCursor,
});

/** The record with everything that is known about it; the most telling fields are named here, the rest is there too. */
export const RequestAnswer = z.looseObject({
  ...RequestRow.shape,
  cost_input: money,
  cost_output: money,
  receipt: z.array(z.looseObject({ unit: z.string(), quantity: money, rate: money.nullable(), amount: money.nullable() })),
});

export const PricesAnswer = z.object({
  currency: z.literal("USD"),
  total_rows: count,
  data: z.array(
    z.object({
      provider: z.string(),
      model: z.string(),
      unit: z.string(),
      service_tier: z.string(),
      region: text.describe("Empty: everywhere."),
      list_rate: money.nullable().describe("The vendor's price in US dollars for `per` units."),
      contracted_rate: money.nullable().describe("What you pay instead, before factors of tier and place; null where nothing was agreed."),
      per: count,
      discount_percent: money.nullable(),
      min_input_tokens: count.nullable().describe("The price holds for requests whose input is at least this long …"),
      max_input_tokens: count.nullable().describe("… and shorter than this."),
      valid_from: time.nullable(),
      valid_to: time.nullable(),
      state: z.string(),
      source: text,
    }),
  ),
  next_cursor: nextCursor,
});

export const OverviewAnswer = z.looseObject({
  time_zone: z.string(),
  currency: z.literal("USD"),
  as_of: time,
  today: z.looseObject({ cost: money, requests: count }),
  month: z.looseObject({ cost: money, requests: count }),
});
