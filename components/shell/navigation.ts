import { ChartNoAxesColumn, Compass, FlaskConical, type LucideIcon, Rows3, Settings } from "lucide-react";

export type Destination = { id: string; label: string; icon: LucideIcon; href: (slug: string) => string; keys?: string };

/** The pages of an organization, in the order of the rail. A page is listed when it exists. */
export const destinations: readonly Destination[] = [
  { id: "overview", label: "Overview", icon: ChartNoAxesColumn, href: (slug) => `/${slug}/overview`, keys: "g o" },
  { id: "explore", label: "Explore", icon: Compass, href: (slug) => `/${slug}/explore`, keys: "g e" },
  { id: "requests", label: "Requests", icon: Rows3, href: (slug) => `/${slug}/requests`, keys: "g r" },
  { id: "what-if", label: "What-if", icon: FlaskConical, href: (slug) => `/${slug}/what-if`, keys: "g w" },
];

export const settingsDestination: Destination = {
  id: "settings",
  label: "Settings",
  icon: Settings,
  href: (slug) => `/${slug}/settings/organization`,
  keys: "g s",
};

export type SettingsPage = { id: string; label: string; permission: string; words: string };

/** The settings pages and the permission each needs. */
export const settingsPages: readonly SettingsPage[] = [
  { id: "organization", label: "Organization", permission: "organization.read", words: "name time zone delete" },
  { id: "members", label: "Members", permission: "members.read", words: "people invite roles" },
  { id: "teams", label: "Teams", permission: "teams.read", words: "groups" },
  { id: "projects", label: "Projects", permission: "projects.read", words: "applications workloads" },
  { id: "attribution", label: "Attribution", permission: "teams.read", words: "rules allocation tags untagged chargeback showback" },
  { id: "prices", label: "Prices", permission: "prices.read", words: "price list rates agreements discounts commitments unpriced" },
  { id: "api-keys", label: "API keys", permission: "api_keys.read", words: "tokens secrets sdk rotate" },
  {
    id: "connections",
    label: "Connections",
    permission: "connections.read",
    words: "providers billing sync openai anthropic aws azure credentials",
  },
  {
    id: "reconciliation",
    label: "Reconciliation",
    permission: "connections.read",
    words: "bill invoice difference adjust journal tracked billed",
  },
  { id: "audit-log", label: "Audit log", permission: "audit.read", words: "history changes who" },
];

/** Pages whose numbers depend on the time range in the URL. */
export const timeRangePages: ReadonlySet<string> = new Set(["overview", "explore", "requests", "what-if"]);

/** The page of a path below an organization: `/acme/settings/teams` → ["settings", "teams"]. */
export function pageOf(pathname: string): [string, string | undefined] {
  const [, , page = "overview", sub] = pathname.split("/");
  return [page, sub];
}
