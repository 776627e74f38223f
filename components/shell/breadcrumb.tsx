"use client";
import { ChevronRight } from "lucide-react";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useOrganization } from "@/lib/orgs/hooks.ts";
import { destinations, pageOf, settingsPages } from "./navigation.ts";

/** Where this page is: organization, page, and the part of the settings. */
export function Breadcrumb() {
  const { organization } = useOrganization();
  const [page, sub] = pageOf(usePathname());
  const label =
    page === "settings" ? "Settings" : page === "start" ? "Get started" : (destinations.find(({ id }) => id === page)?.label ?? page);
  const subLabel = page === "settings" ? settingsPages.find(({ id }) => id === sub)?.label : undefined;
  return (
    <nav aria-label="Breadcrumb" className="min-w-0">
      <ol className="flex min-w-0 items-center gap-1 text-sm">
        <li className="hidden min-w-0 items-center gap-1 md:flex">
          <Link href={`/${organization.slug}/overview`} className="max-w-40 truncate text-muted hover:text-ink" dir="auto">
            {organization.name}
          </Link>
          <ChevronRight aria-hidden className="size-3.5 shrink-0 text-faint" />
        </li>
        <li className={subLabel ? "text-muted" : "truncate font-medium"} aria-current={subLabel ? undefined : "page"}>
          {label}
        </li>
        {subLabel ? (
          <li className="flex min-w-0 items-center gap-1" aria-current="page">
            <ChevronRight aria-hidden className="size-3.5 shrink-0 text-faint" />
            <span className="truncate font-medium">{subLabel}</span>
          </li>
        ) : null}
      </ol>
    </nav>
  );
}
