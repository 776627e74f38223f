"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { Pencil, Power, Split, Trash2 } from "lucide-react";
import { useState } from "react";
import { Status } from "@/components/ui/badge.tsx";
import { Button } from "@/components/ui/button.tsx";
import { ConfirmDialog } from "@/components/ui/confirm-dialog.tsx";
import { DataList } from "@/components/ui/data-list.tsx";
import { DropdownMenuItem } from "@/components/ui/dropdown-menu.tsx";
import { EmptyState } from "@/components/ui/empty-state.tsx";
import { RowMenu } from "@/components/ui/row-menu.tsx";
import { toast } from "@/components/ui/toast.tsx";
import { useUrlState } from "@/components/ui/use-url-state.ts";
import { deleteAttributionRule, enableAttributionRule } from "@/lib/attribution/actions.ts";
import { type AttributionRule, attributionRulesKey, listAttributionRules } from "@/lib/attribution/queries.ts";
import { useOrganization, usePermission } from "@/lib/orgs/hooks.ts";
import { useDb } from "@/lib/supabase/browser.ts";
import { ApplyHistoryDialog } from "./apply-history.tsx";
import { conditionText } from "./condition-text.ts";
import { type Named, RuleDialog, type RuleTargets } from "./rule-dialog.tsx";

const nameOf = (things: readonly Named[], id: string | null) => things.find((thing) => thing.id === id)?.name;

/** The rules in the order in which they are tried, and what can be done with them. */
export function RulesList({ initial, ...targets }: RuleTargets & { initial: AttributionRule[] }) {
  const { organization } = useOrganization();
  const mayWrite = usePermission("teams.write");
  const db = useDb();
  const url = useUrlState();
  const queryClient = useQueryClient();
  const key = attributionRulesKey(organization.id);
  const { data: rules } = useQuery({ queryKey: key, queryFn: () => listAttributionRules(db, organization.id), initialData: initial });
  const [editing, setEditing] = useState<AttributionRule>();
  const [deleting, setDeleting] = useState<AttributionRule>();
  const keyNames = new Map(targets.apiKeys.map(({ id, name }) => [id, name]));
  const nextPosition = Math.min(100_000, Math.max(0, ...rules.map(({ position }) => position)) + 10);

  async function changed(result: Awaited<ReturnType<typeof deleteAttributionRule>>, title: string) {
    if (!result.ok) return result.error.message;
    toast({ title });
    await queryClient.invalidateQueries({ queryKey: key });
    return undefined;
  }

  async function toggle({ id, name, is_enabled }: AttributionRule) {
    const problem = await changed(await enableAttributionRule(organization.id, id, !is_enabled), `${name} is ${is_enabled ? "off" : "on"}`);
    if (problem) toast({ title: problem });
  }

  return (
    <>
      <DataList
        rows={rules}
        rowKey={({ id }) => id}
        label="Attribution rules"
        noun="rules"
        empty={
          <EmptyState
            icon={<Split />}
            title="No rules yet"
            actions={
              mayWrite ? (
                <Button variant="primary" onClick={() => url.set({ create: "1" })}>
                  Create rule
                </Button>
              ) : undefined
            }
          >
            Usage that arrives without a team and a project shows as “Not set”. A rule says whose it is, by API key, feature, model, end
            user or tag.
          </EmptyState>
        }
        columns={[
          { id: "position", header: "Order", numeric: true, text: ({ position }) => String(position) },
          {
            id: "name",
            header: "Rule",
            text: ({ name }) => name,
            cell: ({ name }) => (
              <span className="block max-w-56 truncate font-medium" dir="auto" title={name}>
                {name}
              </span>
            ),
          },
          {
            id: "conditions",
            header: "When",
            text: ({ conditions }) => conditionText(conditions, keyNames),
            cell: ({ conditions }) => (
              <span className="block max-w-96 truncate" dir="auto" title={conditionText(conditions, keyNames)}>
                {conditionText(conditions, keyNames)}
              </span>
            ),
          },
          {
            id: "target",
            header: "Belongs to",
            text: ({ team_id, project_id }) =>
              [nameOf(targets.projects, project_id), nameOf(targets.teams, team_id)].filter(Boolean).join(" · "),
          },
          {
            id: "state",
            header: "State",
            text: ({ is_enabled }) => (is_enabled ? "on" : "off"),
            cell: ({ is_enabled }) => <Status tone={is_enabled ? "ok" : "neutral"}>{is_enabled ? "On" : "Off"}</Status>,
          },
        ]}
        actions={
          mayWrite
            ? (rule) => (
                <RowMenu label={`Actions for ${rule.name}`}>
                  <DropdownMenuItem onSelect={() => setEditing(rule)}>
                    <Pencil aria-hidden />
                    Change
                  </DropdownMenuItem>
                  <DropdownMenuItem onSelect={() => void toggle(rule)}>
                    <Power aria-hidden />
                    {rule.is_enabled ? "Switch off" : "Switch on"}
                  </DropdownMenuItem>
                  <DropdownMenuItem danger onSelect={() => setDeleting(rule)}>
                    <Trash2 aria-hidden />
                    Delete
                  </DropdownMenuItem>
                </RowMenu>
              )
            : undefined
        }
      />
      {mayWrite && rules.length > 0 ? (
        <p className="mt-4 flex flex-wrap items-center gap-3 text-muted text-sm">
          Rules hold for what arrives from now on.
          <Button onClick={() => url.set({ apply: "1" })}>Apply to history…</Button>
        </p>
      ) : null}
      {mayWrite && url.get("create") === "1" ? (
        <RuleDialog {...targets} nextPosition={nextPosition} onClose={() => url.set({ create: null })} />
      ) : null}
      {mayWrite && url.get("apply") === "1" ? <ApplyHistoryDialog onClose={() => url.set({ apply: null })} /> : null}
      {editing ? <RuleDialog {...targets} rule={editing} nextPosition={nextPosition} onClose={() => setEditing(undefined)} /> : null}
      {deleting ? (
        <ConfirmDialog
          open
          onOpenChange={() => setDeleting(undefined)}
          title={`Delete ${deleting.name}?`}
          consequences={
            <p>What it attributed so far stays where it is. Usage from now on falls to the next rule that it meets, or to nobody.</p>
          }
          confirmLabel="Delete rule"
          onConfirm={async () => changed(await deleteAttributionRule(organization.id, deleting.id), `${deleting.name} was deleted`)}
        />
      ) : null}
    </>
  );
}
