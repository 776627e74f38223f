/** Example answers of the OpenAPI document. A test holds each to its schema. */

const window = { start: "2026-11-01T00:00:00+01:00", end: "2026-12-01T00:00:00+01:00", time_zone: "Europe/Berlin" };
const noComparison = { previous_cost: null, previous_requests: null, change_cost: null };

const gpt = {
  cost: "12.0471",
  cost_input: "7.2",
  cost_cached_input: "0.3471",
  cost_cache_write: "0",
  cost_output: "4.5",
  cost_other: "0",
  requests: 4211,
  not_exact_requests: 0,
  unpriced_requests: 0,
};

export const costs = {
  ...window,
  currency: "USD",
  granularity: "day",
  group_by: "model",
  total: { ...gpt, ...noComparison },
  total_rows: 1,
  data: [{ bucket: "2026-11-20T00:00:00+01:00", key: "gpt-5-mini", label: "gpt-5-mini", ...gpt, ...noComparison }],
};

const used = {
  requests: 4211,
  errors: 12,
  input_tokens: 9120455,
  cached_input_tokens: 3471000,
  output_tokens: 1200400,
  reasoning_tokens: 310220,
  total_tokens: 10320855,
  latency_p50_ms: 840,
  latency_p95_ms: 3100,
};

export const usage = {
  ...window,
  currency: "USD",
  granularity: "total",
  group_by: "feature",
  total: used,
  total_rows: 1,
  data: [{ bucket: null, key: "search", label: "search", ...used }],
};

const row = {
  id: "0b0f6c2e-6f6a-4f0e-9d0e-0a2b6a8a4a11",
  request_id: "a-1",
  timestamp: "2026-11-20T10:00:00.25+01:00",
  provider: "openai",
  model: "gpt-5-mini",
  endpoint: "responses",
  service_tier: null,
  status: "success",
  error_code: null,
  input_tokens: 1200,
  cached_input_tokens: 0,
  output_tokens: 350,
  reasoning_tokens: 128,
  latency_ms: 912,
  time_to_first_token_ms: 240,
  cost: "0.001",
  cost_status: "exact",
  team_id: null,
  team_name: null,
  project_id: null,
  project_name: null,
  feature: "search",
  end_user: "u-77",
  environment: "production",
  api_key_id: null,
  api_key_name: null,
};

export const requests = { ...window, data: [row], next_cursor: "WyIyMDI2LTExLTIwVDA5OjAwOjAwLjI1MDAwMFoiLCIwYjBmNmMyZSJd" };

export const request = {
  ...row,
  cost_input: "0.0003",
  cost_output: "0.0007",
  receipt: [
    { unit: "input_tokens", quantity: "1200", rate: "0.00000025", per: 1, amount: "0.0003" },
    { unit: "output_tokens", quantity: "222", rate: "0.000002", per: 1, amount: "0.000444" },
    { unit: "reasoning_tokens", quantity: "128", rate: "0.000002", per: 1, amount: "0.000256" },
  ],
};

export const prices = {
  currency: "USD",
  total_rows: 1,
  data: [
    {
      provider: "openai",
      model: "gpt-5-mini",
      unit: "input_tokens",
      service_tier: "standard",
      region: "",
      list_rate: "0.00000025",
      contracted_rate: "0.000000225",
      per: 1,
      discount_percent: "10",
      min_input_tokens: 0,
      max_input_tokens: null,
      valid_from: null,
      valid_to: null,
      state: "current",
      source: "https://platform.openai.com/docs/pricing",
    },
  ],
  next_cursor: null,
};

export const overview = {
  time_zone: "Europe/Berlin",
  currency: "USD",
  as_of: "2026-11-21T12:00:00.000000Z",
  today: { cost: "3.2", requests: 911 },
  month: { cost: "12.0471", requests: 4211 },
  active_providers: 2,
};
