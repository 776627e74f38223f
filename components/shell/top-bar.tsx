"use client";
import { Menu, Search } from "lucide-react";
import { usePathname } from "next/navigation";
import { Suspense, useState } from "react";
import { Button } from "@/components/ui/button.tsx";
import { cn } from "@/components/ui/cn.ts";
import { Kbd } from "@/components/ui/kbd.tsx";
import { Sheet, SheetContent, SheetTrigger } from "@/components/ui/sheet.tsx";
import { useOrganization } from "@/lib/orgs/hooks.ts";
import { AccountMenu } from "./account-menu.tsx";
import { Breadcrumb } from "./breadcrumb.tsx";
import { LiveDot } from "./live-dot.tsx";
import { pageOf, timeRangePages } from "./navigation.ts";
import { NavigationLinks } from "./navigation-links.tsx";
import { OrganizationSwitcher } from "./organization-switcher.tsx";
import { TimeRangeControl } from "./time-range-control.tsx";

/** Where one is, the time range all pages share, the live dot, search, and the account. On a phone the range gets its own line. */
export function TopBar({ onOpen }: { onOpen: (what: "palette" | "shortcuts") => void }) {
  const { user } = useOrganization();
  const [page] = pageOf(usePathname());
  return (
    <header data-print="hidden" className="sticky top-0 z-30 border-border border-b bg-background">
      <div className="flex min-h-12 flex-wrap items-center gap-x-2 px-4 sm:px-6">
        <MobileNavigation />
        <Breadcrumb />
        {timeRangePages.has(page) ? (
          <div className="order-last -mx-4 flex basis-[calc(100%+2rem)] border-border border-t px-4 py-1.5 sm:order-none sm:mx-0 sm:ms-auto sm:basis-auto sm:border-0 sm:p-0">
            <Suspense>
              <TimeRangeControl />
            </Suspense>
          </div>
        ) : null}
        <div className={cn("ms-auto flex h-12 items-center gap-1.5", timeRangePages.has(page) && "sm:ms-0")}>
          <LiveDot />
          <Button
            size="sm"
            className="hidden h-8 gap-2 border-border text-muted lg:inline-flex"
            onClick={() => onOpen("palette")}
            aria-keyshortcuts="Meta+K Control+K"
          >
            <Search aria-hidden />
            Search
            <Kbd>⌘K</Kbd>
          </Button>
          <Button variant="ghost" size="icon" className="lg:hidden" onClick={() => onOpen("palette")} aria-label="Search and commands">
            <Search aria-hidden />
          </Button>
          <AccountMenu user={user} onShowShortcuts={() => onOpen("shortcuts")} />
        </div>
      </div>
    </header>
  );
}

function MobileNavigation() {
  const [open, setOpen] = useState(false);
  return (
    <Sheet open={open} onOpenChange={setOpen}>
      <SheetTrigger asChild>
        <Button variant="ghost" size="icon" className="-ms-2 md:hidden" aria-label="Open the navigation">
          <Menu aria-hidden />
        </Button>
      </SheetTrigger>
      <SheetContent side="start" title="TokenTRA" className="w-72 max-w-[85vw]">
        <div className="flex h-full flex-col gap-3">
          <OrganizationSwitcher />
          <Suspense>
            <NavigationLinks onNavigate={() => setOpen(false)} />
          </Suspense>
        </div>
      </SheetContent>
    </Sheet>
  );
}
