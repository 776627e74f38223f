/** What usage can be grouped and filtered by: the closed lists of the questions in SQL. */

export const DIMENSIONS = [
  "model",
  "provider",
  "team",
  "project",
  "feature",
  "api_key",
  "end_user",
  "environment",
  "service_tier",
  "endpoint",
  "status",
] as const;
export type Dimension = (typeof DIMENSIONS)[number];

export const FILTER_KEYS = [...DIMENSIONS, "cost_status"] as const;
export type FilterKey = (typeof FILTER_KEYS)[number];

export const DIMENSION_LABELS: Record<FilterKey, { one: string; many: string }> = {
  provider: { one: "Provider", many: "Providers" },
  model: { one: "Model", many: "Models" },
  team: { one: "Team", many: "Teams" },
  project: { one: "Project", many: "Projects" },
  feature: { one: "Feature", many: "Features" },
  api_key: { one: "API key", many: "API keys" },
  end_user: { one: "End user", many: "End users" },
  environment: { one: "Environment", many: "Environments" },
  service_tier: { one: "Service tier", many: "Service tiers" },
  endpoint: { one: "Endpoint", many: "Endpoints" },
  status: { one: "Status", many: "Statuses" },
  cost_status: { one: "Cost", many: "Costs" },
};

/** The dimensions the first page offers; the rest are in Explore. */
export const OVERVIEW_DIMENSIONS = ["model", "provider", "team", "project", "feature"] as const satisfies readonly Dimension[];

/** Where a click on a part leads next; what is already filtered is skipped, and after the last come the requests. */
export const DRILL_ORDER: readonly Dimension[] = ["team", "project", "feature", "model", "end_user"];

/** The key under which SQL folds everything behind the largest. */
export const OTHER_KEY = "__other__";
/** Rows without a value: filterable like any other. */
export const NOT_SET_KEY = "";
export const NOT_SET_LABEL = "Not set";

export const COST_STATUS_LABELS: Record<string, string> = {
  exact: "Exact",
  provider_reported: "Reported by the provider",
  estimated: "Estimated",
  partial: "Partly priced",
  unpriced: "Unpriced",
  disputed: "Disputed",
};

export function isDimension(text: string | null): text is Dimension {
  return DIMENSIONS.some((name) => name === text);
}
