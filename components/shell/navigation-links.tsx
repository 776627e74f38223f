"use client";
import Link from "next/link";
import { usePathname, useSearchParams } from "next/navigation";
import { cn } from "@/components/ui/cn.ts";
import { Tooltip } from "@/components/ui/tooltip.tsx";
import { useOrganization } from "@/lib/orgs/hooks.ts";
import { type Destination, destinations, pageOf, settingsDestination, timeRangePages } from "./navigation.ts";

const rangeParams = ["range", "from", "to", "compare"];

/** The time range goes along from page to page; filters stay where they belong. */
export function useDestinationHref() {
  const { organization } = useOrganization();
  const params = useSearchParams();
  return ({ id, href }: Destination) => {
    const kept = new URLSearchParams([...params].filter(([name]) => timeRangePages.has(id) && rangeParams.includes(name)));
    return kept.size > 0 ? `${href(organization.slug)}?${kept}` : href(organization.slug);
  };
}

/** The links of the rail and of the phone's drawer. */
export function NavigationLinks({ collapsed = false, onNavigate }: { collapsed?: boolean; onNavigate?: () => void }) {
  const [page] = pageOf(usePathname());
  const hrefOf = useDestinationHref();
  return (
    <nav aria-label="Main" className="flex flex-1 flex-col gap-0.5">
      {[...destinations, settingsDestination].map((destination) => {
        const { id, label, icon: Icon } = destination;
        const link = (
          <Link
            key={id}
            href={hrefOf(destination)}
            onClick={onNavigate}
            aria-current={page === id ? "page" : undefined}
            className={cn(
              "flex h-8 items-center gap-2.5 rounded-md px-2 text-muted hover:bg-hover hover:text-ink aria-[current=page]:bg-hover aria-[current=page]:font-medium aria-[current=page]:text-ink",
              id === "settings" && "mt-auto",
              collapsed && "justify-center px-0",
            )}
          >
            <Icon aria-hidden className="size-4 shrink-0" />
            <span className={collapsed ? "sr-only" : undefined}>{label}</span>
          </Link>
        );
        return collapsed ? (
          <Tooltip key={id} content={label} side="right">
            {link}
          </Tooltip>
        ) : (
          link
        );
      })}
    </nav>
  );
}
