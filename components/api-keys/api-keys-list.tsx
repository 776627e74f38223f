"use client";
import { useQuery } from "@tanstack/react-query";
import { Ban, KeyRound, RefreshCw } from "lucide-react";
import { useState } from "react";
import { Badge, Status, type Tone } from "@/components/ui/badge.tsx";
import { Button } from "@/components/ui/button.tsx";
import { type Column, DataList } from "@/components/ui/data-list.tsx";
import { DropdownMenuItem } from "@/components/ui/dropdown-menu.tsx";
import { EmptyState } from "@/components/ui/empty-state.tsx";
import { RelativeTime } from "@/components/ui/relative-time.tsx";
import { RowMenu } from "@/components/ui/row-menu.tsx";
import { useUrlState } from "@/components/ui/use-url-state.ts";
import { type ApiKey, apiKeysKey, listApiKeys } from "@/lib/api-keys/queries.ts";
import { type ApiKeyState, apiKeyState, scopeWords } from "@/lib/api-keys/rules.ts";
import { formatDate, formatDateTime } from "@/lib/core/time.ts";
import { useOrganization, usePermission } from "@/lib/orgs/hooks.ts";
import { useDb } from "@/lib/supabase/browser.ts";
import { CreateKeyDialog, type Named } from "./create-key-dialog.tsx";
import { RevokeKeyDialog } from "./revoke-key-dialog.tsx";
import { RotateKeyDialog } from "./rotate-key-dialog.tsx";

const states: Record<ApiKeyState, { label: string; tone: Tone }> = {
  active: { label: "Active", tone: "ok" },
  expiring: { label: "Expires soon", tone: "warning" },
  expired: { label: "Expired", tone: "neutral" },
  revoked: { label: "Revoked", tone: "neutral" },
};

type ApiKeysListProps = { initial: ApiKey[]; teams: Named[]; projects: Named[]; now: number };

export function ApiKeysList({ initial, teams, projects, now }: ApiKeysListProps) {
  const { organization } = useOrganization();
  const mayWrite = usePermission("api_keys.write");
  const db = useDb();
  const url = useUrlState();
  const { data: keys } = useQuery({
    queryKey: apiKeysKey(organization.id),
    queryFn: () => listApiKeys(db, organization.id),
    initialData: initial,
  });
  const [dialog, setDialog] = useState<{ what: "rotate" | "revoke"; key: ApiKey }>();
  const close = () => setDialog(undefined);
  const zone = organization.time_zone;

  const columns: Column<ApiKey>[] = [
    {
      id: "name",
      header: "Name",
      text: ({ name }) => name,
      cell: ({ name, kind }) => (
        <span className="flex min-w-32 max-w-64 items-center gap-2">
          <span className="truncate font-medium" dir="auto" title={name}>
            {name}
          </span>
          {kind === "test" ? <Badge>Test</Badge> : null}
        </span>
      ),
    },
    { id: "key", header: "Key", text: ({ prefix }) => `${prefix}…`, cell: ({ prefix }) => <code className="text-xs">{prefix}…</code> },
    {
      id: "scopes",
      header: "May",
      text: ({ scopes }) => scopes.join(" "),
      cell: ({ scopes }) => (
        <span className="flex gap-1">
          {scopes.map((scope) => (
            <Badge key={scope}>{scope}</Badge>
          ))}
        </span>
      ),
    },
    {
      id: "binding",
      header: "Counts for",
      text: ({ team_name, project_name, environment }) => [team_name, project_name, environment].filter(Boolean).join(" / "),
      cell: ({ team_name, project_name, environment }) => {
        const words = [team_name, project_name, environment].filter(Boolean).join(" / ");
        return words ? (
          <span className="block max-w-52 truncate" dir="auto" title={words}>
            {words}
          </span>
        ) : (
          <span className="text-muted">as events say</span>
        );
      },
    },
    {
      id: "used",
      header: "Last used",
      text: ({ last_used_at }) => (last_used_at ? formatDateTime(last_used_at, zone) : ""),
      cell: ({ last_used_at }) =>
        last_used_at ? <RelativeTime at={last_used_at} timeZone={zone} /> : <span className="text-muted">never</span>,
    },
    {
      id: "expires",
      header: "Expires",
      text: ({ expires_at }) => (expires_at ? formatDate(expires_at, zone) : ""),
      cell: ({ expires_at }) =>
        expires_at ? (
          <span className="figures whitespace-nowrap">{formatDate(expires_at, zone)}</span>
        ) : (
          <span className="text-muted">never</span>
        ),
    },
    {
      id: "state",
      header: "State",
      text: (key) => states[apiKeyState(key, now)].label,
      cell: (key) => {
        const { label, tone } = states[apiKeyState(key, now)];
        return <Status tone={tone}>{label}</Status>;
      },
    },
  ];

  return (
    <>
      <DataList
        rows={keys}
        rowKey={({ id }) => id}
        columns={columns}
        label="API keys"
        noun="keys"
        facets={[
          { id: "scope", label: "Scope", all: "Every scope", options: scopeWords, of: ({ scopes }) => scopes },
          {
            id: "state",
            label: "State",
            all: "Every state",
            options: Object.entries(states).map(([value, { label }]) => ({ value, label })),
            of: (key) => apiKeyState(key, now),
          },
        ]}
        empty={
          <EmptyState
            icon={<KeyRound />}
            title="No API keys yet"
            actions={
              mayWrite ? (
                <Button variant="primary" onClick={() => url.set({ create: "1" })}>
                  Create API key
                </Button>
              ) : undefined
            }
          >
            {mayWrite
              ? "Create one, paste it into the snippet, and the first event is on the dashboard."
              : "An owner or admin can create one."}
          </EmptyState>
        }
        actions={
          mayWrite
            ? (key) => {
                const state = apiKeyState(key, now);
                if (state === "revoked") return null;
                return (
                  <RowMenu label={`Actions for ${key.name}`}>
                    {state === "expired" ? null : (
                      <DropdownMenuItem onSelect={() => setDialog({ what: "rotate", key })}>
                        <RefreshCw aria-hidden />
                        Rotate
                      </DropdownMenuItem>
                    )}
                    <DropdownMenuItem danger onSelect={() => setDialog({ what: "revoke", key })}>
                      <Ban aria-hidden />
                      Revoke
                    </DropdownMenuItem>
                  </RowMenu>
                );
              }
            : undefined
        }
      />
      {mayWrite && url.get("create") === "1" ? (
        <CreateKeyDialog teams={teams} projects={projects} onClose={() => url.set({ create: null })} />
      ) : null}
      {dialog?.what === "rotate" ? <RotateKeyDialog apiKey={dialog.key} onClose={close} /> : null}
      {dialog?.what === "revoke" ? <RevokeKeyDialog apiKey={dialog.key} onClose={close} /> : null}
    </>
  );
}
