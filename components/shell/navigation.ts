import {
  Boxes,
  ChartNoAxesColumn,
  Compass,
  FlaskConical,
  FolderKanban,
  type LucideIcon,
  Rows3,
  Server,
  Settings,
  UserRound,
  Users,
} from "lucide-react";

export type Destination = { id: string; label: string; icon: LucideIcon; href: (slug: string) => string; keys?: string };

/** The pages of an organization, in the order of the rail. A page is listed when it exists. */
export const destinations: readonly Destination[] = [
  { id: "overview", label: "Overview", icon: ChartNoAxesColumn, href: (slug) => `/${slug}/overview`, keys: "g o" },
  { id: "explore", label: "Explore", icon: Compass, href: (slug) => `/${slug}/explore`, keys: "g e" },
  { id: "requests", label: "Requests", icon: Rows3, href: (slug) => `/${slug}/requests`, keys: "g r" },
  { id: "teams", label: "Teams", icon: Users, href: (slug) => `/${slug}/teams`, keys: "g t" },
  { id: "projects", label: "Projects", icon: FolderKanban, href: (slug) => `/${slug}/projects`, keys: "g p" },
  { id: "people", label: "People", icon: UserRound, href: (slug) => `/${slug}/people`, keys: "g u" },
  { id: "models", label: "Models", icon: Boxes, href: (slug) => `/${slug}/models`, keys: "g m" },
  { id: "providers", label: "Providers", icon: Server, href: (slug) => `/${slug}/providers`, keys: "g v" },
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
  {
    id: "imports",
    label: "Import",
    permission: "api_keys.read",
    words: "data files csv jsonl upload litellm helicone langfuse focus history",
  },
  { id: "audit-log", label: "Audit log", permission: "audit.read", words: "history changes who" },
];

/** Pages whose numbers depend on the time range in the URL. */
export const timeRangePages: ReadonlySet<string> = new Set(destinations.map(({ id }) => id));

/** The page of a path below an organization: `/acme/settings/teams` → ["settings", "teams"]. */
export function pageOf(pathname: string): [string, string | undefined] {
  const [, , page = "overview", sub] = pathname.split("/");
  return [page, sub];
}
