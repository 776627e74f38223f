"use client";
import { useQueryClient } from "@tanstack/react-query";
import { Bookmark, Trash2 } from "lucide-react";
import Link from "next/link";
import { usePathname, useSearchParams } from "next/navigation";
import { useState } from "react";
import { Badge } from "@/components/ui/badge.tsx";
import { Banner } from "@/components/ui/banner.tsx";
import { Button } from "@/components/ui/button.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";
import { Popover, PopoverContent, PopoverTrigger } from "@/components/ui/popover.tsx";
import { Switch } from "@/components/ui/switch.tsx";
import { toast } from "@/components/ui/toast.tsx";
import { useForm } from "@/components/ui/use-form.ts";
import { useOrganization } from "@/lib/orgs/hooks.ts";
import { removeView, saveView } from "@/lib/saved-views/actions.ts";
import { useSavedViews } from "@/lib/saved-views/hooks.ts";
import { type SavedView, savedViewHref, savedViewsKey } from "@/lib/saved-views/queries.ts";

/** Views that were kept, each a click away, and a form to keep the one on screen: its range, filters and everything in its address. */
export function ViewsMenu() {
  const [open, setOpen] = useState(false);
  const { organization } = useOrganization();
  const { data, error } = useSavedViews(organization.id, open);
  return (
    <Popover open={open} onOpenChange={setOpen}>
      <PopoverTrigger asChild>
        <Button>
          <Bookmark aria-hidden />
          Views
        </Button>
      </PopoverTrigger>
      <PopoverContent align="end" className="grid w-80 gap-3" aria-label="Saved views">
        {error ? <Banner tone="critical">Saved views could not be loaded.</Banner> : null}
        {data && data.length > 0 ? (
          <ul className="-mx-1 max-h-64 overflow-y-auto">
            {data.map((view) => (
              <ViewRow key={view.id} view={view} onOpen={() => setOpen(false)} />
            ))}
          </ul>
        ) : null}
        {data?.length === 0 ? <p className="text-muted text-sm">Nothing saved yet. A view keeps range, filters and layout.</p> : null}
        <SaveForm onSaved={() => setOpen(false)} />
      </PopoverContent>
    </Popover>
  );
}

function ViewRow({ view, onOpen }: { view: SavedView; onOpen: () => void }) {
  const { organization, permissions, user } = useOrganization();
  const queryClient = useQueryClient();
  const isMine = view.owner_id === user.id;
  async function remove() {
    const result = await removeView(organization.id, view.id);
    if (!result.ok) toast({ title: result.error.message, tone: "critical" });
    await queryClient.invalidateQueries({ queryKey: savedViewsKey(organization.id) });
  }
  return (
    <li className="flex items-center gap-1 rounded-md hover:bg-hover">
      <Link href={savedViewHref(organization.slug, view)} onClick={onOpen} className="flex min-h-8 min-w-0 flex-1 items-center gap-2 px-1">
        <span className="truncate" dir="auto" title={view.name}>
          {view.name}
        </span>
        <span className="text-muted text-xs">{view.page}</span>
        {view.is_shared ? <Badge>shared</Badge> : null}
      </Link>
      {isMine || permissions.includes("organization.write") ? (
        <Button size="icon-sm" variant="ghost" aria-label={`Remove view ${view.name}`} onClick={() => void remove()}>
          <Trash2 aria-hidden />
        </Button>
      ) : null}
    </li>
  );
}

function SaveForm({ onSaved }: { onSaved: () => void }) {
  const { organization, permissions } = useOrganization();
  const queryClient = useQueryClient();
  const page = usePathname().split("/")[2] ?? "explore";
  const query = useSearchParams().toString();
  const { formProps, pending, fields, problem } = useForm(saveView, () => {
    void queryClient.invalidateQueries({ queryKey: savedViewsKey(organization.id) });
    toast({ title: "View saved" });
    onSaved();
  });
  return (
    <form {...formProps} className="grid gap-3 border-border border-t pt-3">
      {problem ? <Banner tone="critical">{problem}</Banner> : null}
      <input type="hidden" name="organization_id" value={organization.id} />
      <input type="hidden" name="page" value={page} />
      <input type="hidden" name="query" value={query} />
      <Field label="Save this view as" error={fields.name ?? fields.query}>
        <Input name="name" placeholder="Spend by team, last week" autoComplete="off" maxLength={80} />
      </Field>
      {permissions.includes("teams.read") ? (
        <div className="flex items-center justify-between gap-3 text-sm">
          <label htmlFor="share-view">Share with the organization</label>
          <Switch id="share-view" name="is_shared" />
        </div>
      ) : null}
      <Button type="submit" variant="primary" pending={pending}>
        Save view
      </Button>
    </form>
  );
}
