"use client";
import Link from "next/link";
import { usePathname } from "next/navigation";
import { useOrganization } from "@/lib/orgs/hooks.ts";
import { pageOf, settingsPages } from "./navigation.ts";

/** The parts of the settings that this person's role may read. */
export function SettingsNavigation() {
  const { organization, permissions } = useOrganization();
  const [, current] = pageOf(usePathname());
  return (
    <nav aria-label="Settings" className="-mx-4 overflow-x-auto px-4 sm:-mx-6 sm:px-6 lg:mx-0 lg:overflow-visible lg:px-0">
      <ul className="flex gap-1 lg:sticky lg:top-18 lg:grid">
        {settingsPages
          .filter(({ permission }) => permissions.includes(permission))
          .map(({ id, label }) => (
            <li key={id}>
              <Link
                href={`/${organization.slug}/settings/${id}`}
                aria-current={current === id ? "page" : undefined}
                className="flex h-8 items-center whitespace-nowrap rounded-md px-2 text-muted hover:bg-hover hover:text-ink aria-[current=page]:bg-hover aria-[current=page]:font-medium aria-[current=page]:text-ink"
              >
                {label}
              </Link>
            </li>
          ))}
      </ul>
    </nav>
  );
}
