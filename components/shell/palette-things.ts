"use client";
import { useQuery } from "@tanstack/react-query";
import { Bookmark, Boxes, FolderKanban, KeyRound, type LucideIcon, Users } from "lucide-react";
import { useState } from "react";
import { useOrganization } from "@/lib/orgs/hooks.ts";
import { useSavedViews } from "@/lib/saved-views/hooks.ts";
import { savedViewHref } from "@/lib/saved-views/queries.ts";
import { useDb } from "@/lib/supabase/browser.ts";
import { filterValuesQuery } from "@/lib/usage/queries.ts";

type Thing = { id: string; label: string; href: string };
export type ThingGroup = { heading: string; icon: LucideIcon; items: Thing[] };

const LOOK_BACK_DAYS = 30;
const MOST = 200;
const groups = [
  { dimension: "model", heading: "Models", icon: Boxes },
  { dimension: "team", heading: "Teams", icon: Users },
  { dimension: "project", heading: "Projects", icon: FolderKanban },
  { dimension: "api_key", heading: "API keys", icon: KeyRound },
] as const;

/** Saved views, and what the organization spent on in the last 30 days by name, each leading to Explore filtered to it. */
export function usePaletteThings(): ThingGroup[] {
  const { organization, permissions } = useOrganization();
  const db = useDb();
  const [window] = useState(() => {
    const to = new Date();
    return {
      organizationId: organization.id,
      from: new Date(to.getTime() - LOOK_BACK_DAYS * 86_400_000).toISOString(),
      to: to.toISOString(),
    };
  });
  const { data } = useQuery({
    // Not under "usage": a list of names need not follow every event.
    queryKey: ["palette", organization.id],
    enabled: permissions.includes("usage.read"),
    staleTime: 5 * 60_000,
    queryFn: ({ signal }) =>
      Promise.all(
        groups.map(async ({ dimension, heading, icon }): Promise<ThingGroup> => {
          const values = await filterValuesQuery(window, dimension, "", MOST).run(db, signal);
          const items = values
            .filter(({ key }) => key !== "")
            .map(({ key, label }) => ({
              id: key,
              label,
              href: `/${organization.slug}/explore?${new URLSearchParams({ [dimension]: key })}`,
            }));
          return { heading, icon, items };
        }),
      ),
  });
  const views = useSavedViews(organization.id, permissions.includes("usage.read")).data ?? [];
  const saved = views.map((view) => ({ id: view.id, label: view.name, href: savedViewHref(organization.slug, view) }));
  return [{ heading: "Saved views", icon: Bookmark, items: saved }, ...(data ?? [])];
}
