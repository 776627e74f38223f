/** Who and what the demo organization consists of. Numbers are medians; the generator spreads them. */

export const timeZone = "America/New_York";

export const teams = [
  { slug: "support", name: "Customer Support" },
  { slug: "product", name: "Product" },
  { slug: "growth", name: "Growth" },
  { slug: "data", name: "Data & Research" },
  { slug: "platform", name: "Platform" },
] as const;

export const projects = [
  { slug: "helpdesk", name: "Helpdesk", team: "support" },
  { slug: "assistant", name: "In-app assistant", team: "product" },
  { slug: "search", name: "Search", team: "product" },
  { slug: "campaigns", name: "Campaigns", team: "growth" },
  { slug: "insights", name: "Insights", team: "data" },
  { slug: "developer-tools", name: "Developer tools", team: "platform" },
] as const;

type TeamSlug = (typeof teams)[number]["slug"];
type ProjectSlug = (typeof projects)[number]["slug"];

export interface ModelShare {
  provider: string;
  model: string;
  endpoint: string;
  weight: number;
  /** Days ago between which the model is in use, oldest first; null is open. */
  since?: number;
  until?: number;
  tier?: string;
  /** Share of output that is reasoning. */
  reasoning?: number;
}

export interface Feature {
  name: string;
  team: TeamSlug;
  project: ProjectSlug;
  /** Share of all requests. */
  weight: number;
  inputTokens: number;
  outputTokens: number;
  /** Share of the input read from the provider's prompt cache. */
  cached: number;
  audio?: boolean;
  searches?: number;
  /** Days ago at which it was launched. */
  since?: number;
  models: readonly ModelShare[];
}

const openai = (model: string, weight: number, more: Partial<ModelShare> = {}): ModelShare => ({
  provider: "openai",
  model,
  endpoint: "chat.completions",
  weight,
  ...more,
});
const anthropic = (model: string, weight: number, more: Partial<ModelShare> = {}): ModelShare => ({
  provider: "anthropic",
  model,
  endpoint: "messages",
  weight,
  ...more,
});
const google = (model: string, weight: number, more: Partial<ModelShare> = {}): ModelShare => ({
  provider: "google",
  model,
  endpoint: "generate_content",
  weight,
  ...more,
});

export const features: readonly Feature[] = [
  {
    name: "ticket-triage",
    team: "support",
    project: "helpdesk",
    weight: 24,
    inputTokens: 2_600,
    outputTokens: 180,
    cached: 0.55,
    // The support team moved off the large model a month ago; the saving is visible in the history.
    models: [
      openai("gpt-4.1", 8, { until: 30 }),
      openai("gpt-5-mini", 8, { since: 30, reasoning: 0.35 }),
      anthropic("claude-haiku-4-5", 2),
    ],
  },
  {
    name: "reply-draft",
    team: "support",
    project: "helpdesk",
    weight: 14,
    inputTokens: 5_200,
    outputTokens: 420,
    cached: 0.4,
    models: [anthropic("claude-sonnet-4-5", 7), openai("gpt-4.1", 2)],
  },
  {
    name: "chat-assistant",
    team: "product",
    project: "assistant",
    weight: 18,
    inputTokens: 7_800,
    outputTokens: 520,
    cached: 0.65,
    models: [anthropic("claude-sonnet-4-5", 5), openai("gpt-5", 3, { reasoning: 0.5 }), google("gemini-2.5-flash", 2)],
  },
  {
    name: "semantic-search",
    team: "product",
    project: "search",
    weight: 20,
    inputTokens: 640,
    outputTokens: 0,
    cached: 0,
    models: [openai("text-embedding-3-small", 1, { endpoint: "embeddings" })],
  },
  {
    name: "campaign-copy",
    team: "growth",
    project: "campaigns",
    weight: 6,
    inputTokens: 1_900,
    outputTokens: 900,
    cached: 0.1,
    models: [
      openai("gpt-5", 2, { reasoning: 0.3 }),
      anthropic("claude-sonnet-4-5", 2),
      { provider: "x-ai", model: "grok-4-fast", endpoint: "chat.completions", weight: 1 },
    ],
  },
  {
    name: "churn-report",
    team: "data",
    project: "insights",
    weight: 3,
    inputTokens: 42_000,
    outputTokens: 2_400,
    cached: 0.2,
    models: [google("gemini-2.5-pro", 3, { reasoning: 0.4 }), openai("gpt-4.1", 1, { tier: "batch", endpoint: "batch" })],
  },
  {
    name: "log-classifier",
    team: "data",
    project: "insights",
    weight: 9,
    inputTokens: 1_300,
    outputTokens: 40,
    cached: 0.3,
    models: [{ provider: "deepseek", model: "deepseek-chat", endpoint: "chat.completions", weight: 3 }, google("gemini-2.5-flash", 2)],
  },
  {
    name: "code-review",
    team: "platform",
    project: "developer-tools",
    weight: 5,
    inputTokens: 18_000,
    outputTokens: 1_100,
    cached: 0.5,
    models: [anthropic("claude-sonnet-4-5", 3), openai("gpt-5", 1, { reasoning: 0.6 })],
  },
  {
    name: "meeting-notes",
    team: "growth",
    project: "campaigns",
    weight: 4,
    since: 40,
    inputTokens: 9_000,
    outputTokens: 700,
    cached: 0,
    audio: true,
    models: [google("gemini-2.5-flash", 1)],
  },
  {
    name: "sql-helper",
    team: "data",
    project: "insights",
    weight: 1,
    since: 9,
    inputTokens: 1_500,
    outputTokens: 250,
    cached: 0,
    // A model of their own that nobody has given a price yet: shows what "unpriced" looks like.
    models: [{ provider: "self-hosted", model: "acme-sql-7b", endpoint: "chat.completions", weight: 1 }],
  },
];

/** The one incident: on one afternoon reply drafts failed, were retried, and dragged ever longer threads along. */
export const incident = {
  daysAgo: 17,
  fromHour: 13,
  toHour: 17,
  feature: "reply-draft",
  factor: 9,
  errorShare: 0.35,
  promptGrowth: 3.5,
} as const;

/** The one price change: a negotiated discount on one model. */
export const priceChange = { daysAgo: 21, provider: "anthropic", model: "claude-sonnet-4-5", discountPercent: "12.5" } as const;
