"use client";
import { Command } from "cmdk";
import {
  Building2,
  FolderKanban,
  Keyboard,
  KeyRound,
  Link2,
  LogOut,
  type LucideIcon,
  Moon,
  Plus,
  Sun,
  UserPlus,
  Users,
} from "lucide-react";
import { useRouter } from "next/navigation";
import { Dialog as Primitive } from "radix-ui";
import { Suspense } from "react";
import { signOut } from "@/components/auth/sign-out.ts";
import { overlayStyles } from "@/components/ui/dialog.tsx";
import { Kbd } from "@/components/ui/kbd.tsx";
import { matchWords } from "@/components/ui/match-words.ts";
import { toast } from "@/components/ui/toast.tsx";
import { useOrganization } from "@/lib/orgs/hooks.ts";
import { destinations, settingsPages } from "./navigation.ts";
import { useDestinationHref } from "./navigation-links.tsx";
import { usePaletteThings } from "./palette-things.ts";
import { applyTheme } from "./theme.ts";

type PaletteProps = { open: boolean; onOpenChange: (open: boolean) => void; onShowShortcuts: () => void };

/** ⌘K: pages, teams, projects, models and keys of this organization, other organizations, and actions. */
export function CommandPalette({ open, onOpenChange, onShowShortcuts }: PaletteProps) {
  return (
    <Primitive.Root open={open} onOpenChange={onOpenChange}>
      <Primitive.Portal>
        <Primitive.Overlay className={overlayStyles} />
        <Primitive.Content
          aria-describedby={undefined}
          className="fixed top-[12dvh] left-1/2 z-50 w-[min(38rem,calc(100vw-1.5rem))] -translate-x-1/2 overflow-hidden rounded-lg bg-raised shadow-float outline-none"
        >
          <Primitive.Title className="sr-only">Search and commands</Primitive.Title>
          <Suspense>
            <PaletteBody close={() => onOpenChange(false)} onShowShortcuts={onShowShortcuts} />
          </Suspense>
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}

function PaletteBody({ close, onShowShortcuts }: { close: () => void; onShowShortcuts: () => void }) {
  const { organization, organizations, permissions } = useOrganization();
  const router = useRouter();
  const hrefOf = useDestinationHref();
  const things = usePaletteThings();
  const settings = `/${organization.slug}/settings`;

  const go = (href: string) => () => {
    close();
    router.push(href);
  };
  async function copyLink() {
    close();
    await navigator.clipboard.writeText(location.href);
    toast({ title: "Link to this view copied" });
  }

  return (
    <Command label="Search and commands" filter={matchWords} loop>
      <Command.Input
        autoFocus
        placeholder="Search pages, models, teams, actions…"
        className="h-12 w-full border-border border-b bg-transparent px-4 text-base outline-none placeholder:text-muted"
      />
      <Command.List className="max-h-[56dvh] scroll-py-2 overflow-y-auto p-2" label="Results">
        <Command.Empty className="py-8 text-center text-muted">Nothing matches. Try a page, a model or a team.</Command.Empty>
        <Group heading="Pages">
          {destinations.map((destination) => (
            <Item
              key={destination.id}
              icon={destination.icon}
              label={destination.label}
              keys={destination.keys}
              onSelect={go(hrefOf(destination))}
            />
          ))}
          {settingsPages
            .filter(({ permission }) => permissions.includes(permission))
            .map(({ id, label, words }) => (
              <Item key={id} icon={Building2} label={`Settings: ${label}`} words={words} onSelect={go(`${settings}/${id}`)} />
            ))}
        </Group>
        <Group heading="Actions">
          {permissions.includes("api_keys.write") ? (
            <Item icon={KeyRound} label="Create API key" onSelect={go(`${settings}/api-keys?create=1`)} />
          ) : null}
          {permissions.includes("members.write") ? (
            <Item icon={UserPlus} label="Invite a member" onSelect={go(`${settings}/members?invite=1`)} />
          ) : null}
          {permissions.includes("teams.write") ? (
            <Item icon={Users} label="Create team" onSelect={go(`${settings}/teams?create=1`)} />
          ) : null}
          {permissions.includes("projects.write") ? (
            <Item icon={FolderKanban} label="Create project" onSelect={go(`${settings}/projects?create=1`)} />
          ) : null}
          <Item icon={Link2} label="Copy link to this view" onSelect={() => void copyLink()} />
          <Item icon={Sun} label="Light theme" onSelect={() => applyTheme("light")} />
          <Item icon={Moon} label="Dark theme" onSelect={() => applyTheme("dark")} />
          <Item icon={Keyboard} label="Keyboard shortcuts" keys="?" onSelect={onShowShortcuts} />
          <Item icon={Plus} label="New organization" onSelect={go("/new")} />
          <Item icon={LogOut} label="Sign out" onSelect={() => void signOut()} />
        </Group>
        {things.map(({ heading, icon, items }) =>
          items.length > 0 ? (
            <Group key={heading} heading={heading}>
              {items.map(({ id, label, href }) => (
                <Item key={id} id={`${heading} ${id}`} icon={icon} label={label} onSelect={go(href)} />
              ))}
            </Group>
          ) : null,
        )}
        {organizations.length > 1 ? (
          <Group heading="Switch organization">
            {organizations.map(({ id, name, slug }) => (
              <Item key={id} id={`organization ${id}`} icon={Building2} label={name} onSelect={go(`/${slug}/overview`)} />
            ))}
          </Group>
        ) : null}
      </Command.List>
    </Command>
  );
}

function Group({ heading, children }: { heading: string; children: React.ReactNode }) {
  return (
    <Command.Group
      heading={heading}
      className="mb-1 **:[[cmdk-group-heading]]:px-2 **:[[cmdk-group-heading]]:py-1.5 **:[[cmdk-group-heading]]:text-muted **:[[cmdk-group-heading]]:text-xs"
    >
      {children}
    </Command.Group>
  );
}

type ItemProps = { id?: string; icon: LucideIcon; label: string; words?: string; keys?: string | undefined; onSelect: () => void };

function Item({ id, icon: Icon, label, words = "", keys, onSelect }: ItemProps) {
  return (
    <Command.Item
      value={id ?? label}
      keywords={[label, words]}
      onSelect={onSelect}
      className="flex h-9 cursor-pointer items-center gap-2.5 rounded-md px-2 text-sm data-[selected=true]:bg-hover"
    >
      <Icon aria-hidden className="size-4 shrink-0 text-muted" />
      <span className="min-w-0 flex-1 truncate" dir="auto">
        {label}
      </span>
      {keys?.split(" ").map((key) => (
        <Kbd key={key}>{key}</Kbd>
      ))}
    </Command.Item>
  );
}
