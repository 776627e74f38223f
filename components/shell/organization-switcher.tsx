"use client";
import { Check, ChevronsUpDown, Plus } from "lucide-react";
import Link from "next/link";
import { Avatar } from "@/components/ui/avatar.tsx";
import { Badge } from "@/components/ui/badge.tsx";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu.tsx";
import { useOrganization } from "@/lib/orgs/hooks.ts";

/** Which organization is on screen, and the way to the others. */
export function OrganizationSwitcher({ collapsed = false }: { collapsed?: boolean }) {
  const { organization, organizations } = useOrganization();
  return (
    <DropdownMenu>
      <DropdownMenuTrigger
        aria-label={`Organization: ${organization.name}. Switch organization`}
        className="flex h-9 w-full min-w-0 items-center gap-2 rounded-md px-1.5 text-start hover:bg-hover data-[state=open]:bg-hover"
      >
        <Avatar name={organization.name} square />
        {collapsed ? null : (
          <>
            <span className="min-w-0 flex-1 truncate font-medium" dir="auto">
              {organization.name}
            </span>
            <ChevronsUpDown aria-hidden className="size-4 shrink-0 text-muted" />
          </>
        )}
      </DropdownMenuTrigger>
      <DropdownMenuContent className="max-h-[70dvh] w-72 overflow-y-auto">
        <DropdownMenuLabel>Organizations</DropdownMenuLabel>
        {organizations.map((entry) => (
          <DropdownMenuItem key={entry.id} asChild>
            <Link href={`/${entry.slug}/overview`} aria-current={entry.id === organization.id || undefined}>
              <Avatar name={entry.name} square />
              <span className="min-w-0 flex-1 truncate" dir="auto">
                {entry.name}
              </span>
              {entry.is_demo ? <Badge tone="info">Demo</Badge> : null}
              {entry.id === organization.id ? <Check aria-label="on screen" /> : null}
            </Link>
          </DropdownMenuItem>
        ))}
        <DropdownMenuSeparator />
        <DropdownMenuItem asChild>
          <Link href="/new">
            <Plus aria-hidden />
            New organization
          </Link>
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
