"use client";
import { PanelLeft } from "lucide-react";
import { useRouter } from "next/navigation";
import { type ReactNode, Suspense, useState } from "react";
import { Button } from "@/components/ui/button.tsx";
import { cn } from "@/components/ui/cn.ts";
import { OrganizationContext, type OrganizationOnScreen } from "@/lib/orgs/hooks.ts";
import { useLiveOrganization } from "@/lib/supabase/live.ts";
import { CommandPalette } from "./command-palette.tsx";
import { ConnectionBanner } from "./connection-banner.tsx";
import { DemoBanner } from "./demo-banner.tsx";
import { type Destination, destinations, settingsDestination } from "./navigation.ts";
import { NavigationLinks } from "./navigation-links.tsx";
import { OrganizationSwitcher } from "./organization-switcher.tsx";
import { RAIL_COOKIE } from "./rail.ts";
import { useShortcut, useShortcutListener } from "./shortcuts.ts";
import { ShortcutsSheet } from "./shortcuts-sheet.tsx";
import { TopBar } from "./top-bar.tsx";

type AppShellProps = { current: OrganizationOnScreen; railCollapsed: boolean; children: ReactNode };

/** Rail, top bar and page; the live connection and the keyboard live here too. */
export function AppShell({ current, railCollapsed, children }: AppShellProps) {
  const [collapsed, setCollapsed] = useState(railCollapsed);
  const [open, setOpen] = useState<"palette" | "shortcuts" | null>(null);
  useLiveOrganization(current.organization.id);
  useShellShortcuts(current.organization.slug, setOpen);

  function toggleRail() {
    // biome-ignore lint/suspicious/noDocumentCookie: the Cookie Store API is missing in Firefox
    document.cookie = `${RAIL_COOKIE}=${collapsed ? "open" : "collapsed"}; path=/; max-age=31536000; samesite=lax`;
    setCollapsed(!collapsed);
  }

  return (
    <OrganizationContext value={current}>
      <a
        href="#main"
        className="sr-only z-60 rounded-md bg-raised px-3 py-2 shadow-float focus:not-sr-only focus:fixed focus:start-2 focus:top-2"
      >
        Skip to the page
      </a>
      <div className="flex min-h-dvh">
        <aside
          aria-label="Navigation"
          data-print="hidden"
          className={cn(
            "sticky top-0 hidden h-dvh shrink-0 flex-col gap-3 border-border border-e bg-surface p-2 md:flex",
            collapsed ? "w-13" : "w-56",
          )}
        >
          <OrganizationSwitcher collapsed={collapsed} />
          <Suspense>
            <NavigationLinks collapsed={collapsed} />
          </Suspense>
          <Button
            variant="ghost"
            size="icon"
            onClick={toggleRail}
            aria-label={collapsed ? "Widen the navigation" : "Narrow the navigation"}
            aria-expanded={!collapsed}
          >
            <PanelLeft aria-hidden className="text-muted" />
          </Button>
        </aside>
        <div className="flex min-w-0 flex-1 flex-col">
          <TopBar onOpen={setOpen} />
          <ConnectionBanner />
          <DemoBanner />
          <main id="main" tabIndex={-1} className="mx-auto w-full max-w-[100rem] flex-1 p-4 outline-none sm:p-6">
            {children}
          </main>
        </div>
      </div>
      <CommandPalette
        open={open === "palette"}
        onOpenChange={(next) => setOpen(next ? "palette" : null)}
        onShowShortcuts={() => setOpen("shortcuts")}
      />
      {[...destinations, settingsDestination].map((destination) => (
        <GoTo key={destination.id} destination={destination} slug={current.organization.slug} />
      ))}
      <ShortcutsSheet open={open === "shortcuts"} onOpenChange={(next) => setOpen(next ? "shortcuts" : null)} />
    </OrganizationContext>
  );
}

function useShellShortcuts(slug: string, open: (what: "palette" | "shortcuts") => void) {
  const router = useRouter();
  useShortcutListener(() => open("palette"));
  useShortcut("?", "Keyboard shortcuts", () => open("shortcuts"));
  useShortcut("/", "Filter this page", () => document.querySelector<HTMLElement>("[data-filter]")?.focus());
  useShortcut("g k", "Go to API keys", () => router.push(`/${slug}/settings/api-keys`));
}

/** One page's keys, as navigation.ts lists them. */
function GoTo({ destination: { keys = "", label, href }, slug }: { destination: Destination; slug: string }) {
  const router = useRouter();
  useShortcut(keys, `Go to ${label}`, () => router.push(href(slug)));
  return null;
}
