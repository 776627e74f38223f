"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { KeyRound, Pause, Play, Plug, RefreshCw, Trash2 } from "lucide-react";
import { useState } from "react";
import { Button } from "@/components/ui/button.tsx";
import { ConfirmDialog } from "@/components/ui/confirm-dialog.tsx";
import { type Column, DataList } from "@/components/ui/data-list.tsx";
import { DropdownMenuItem } from "@/components/ui/dropdown-menu.tsx";
import { EmptyState } from "@/components/ui/empty-state.tsx";
import { RelativeTime } from "@/components/ui/relative-time.tsx";
import { RowMenu } from "@/components/ui/row-menu.tsx";
import { toast } from "@/components/ui/toast.tsx";
import { useUrlState } from "@/components/ui/use-url-state.ts";
import { pauseConnection, removeConnection } from "@/lib/connections/actions.ts";
import { type Connection, connectionsKey, listConnections } from "@/lib/connections/queries.ts";
import { providerNames, providers } from "@/lib/connections/schema.ts";
import { formatDateTime } from "@/lib/core/time.ts";
import { useOrganization, usePermission } from "@/lib/orgs/hooks.ts";
import { useDb } from "@/lib/supabase/browser.ts";
import { AddConnectionDialog } from "./add-connection-dialog.tsx";
import { ConnectionStatus, connectionState, stateWords } from "./connection-status.tsx";
import { ProviderKeysSheet } from "./provider-keys-sheet.tsx";
import { ReplaceCredentialDialog } from "./replace-credential-dialog.tsx";

type Opened = { what: "replace" | "keys" | "remove"; connection: Connection };
type ConnectionsListProps = { initial: Connection[]; apiKeys: readonly { id: string; name: string }[] };

export function ConnectionsList({ initial, apiKeys }: ConnectionsListProps) {
  const { organization } = useOrganization();
  const mayWrite = usePermission("connections.write");
  const db = useDb();
  const url = useUrlState();
  const queryClient = useQueryClient();
  const { data: connections } = useQuery({
    queryKey: connectionsKey(organization.id),
    queryFn: () => listConnections(db, organization.id),
    initialData: initial,
  });
  const [opened, setOpened] = useState<Opened>();
  const close = () => setOpened(undefined);
  const refresh = () => queryClient.invalidateQueries({ queryKey: connectionsKey(organization.id) });

  async function pause({ id, name }: Connection, isPaused: boolean) {
    const result = await pauseConnection(organization.id, id, isPaused);
    toast(
      result.ok
        ? { title: isPaused ? `${name} is paused` : `${name} is being fetched` }
        : { title: result.error.message, tone: "critical" },
    );
    await refresh();
  }

  return (
    <>
      <DataList
        rows={connections}
        rowKey={({ id }) => id}
        columns={columnsFor(organization.time_zone)}
        label="Connections"
        noun="connections"
        facets={[
          {
            id: "provider",
            label: "Provider",
            all: "Every provider",
            options: providers.map((value) => ({ value, label: providerNames[value] })),
            of: ({ provider }) => provider,
          },
          {
            id: "state",
            label: "State",
            all: "Every state",
            options: Object.entries(stateWords).map(([value, { label }]) => ({ value, label })),
            of: connectionState,
          },
        ]}
        empty={
          <EmptyState
            icon={<Plug />}
            title="No provider is connected"
            actions={
              mayWrite ? (
                <Button variant="primary" onClick={() => url.set({ create: "1" })}>
                  Connect a provider
                </Button>
              ) : undefined
            }
          >
            {mayWrite
              ? "Connect one with an admin key, and every day its bill is laid beside what you tracked."
              : "An owner or admin can connect one."}
          </EmptyState>
        }
        actions={(connection) => (
          <RowMenu label={`Actions for ${connection.name}`}>
            <DropdownMenuItem onSelect={() => setOpened({ what: "keys", connection })}>
              <KeyRound aria-hidden />
              Keys
            </DropdownMenuItem>
            {mayWrite ? (
              <>
                <DropdownMenuItem onSelect={() => void pause(connection, false)}>
                  {connection.is_paused ? <Play aria-hidden /> : <RefreshCw aria-hidden />}
                  {connection.is_paused ? "Go on" : "Fetch now"}
                </DropdownMenuItem>
                <DropdownMenuItem onSelect={() => setOpened({ what: "replace", connection })}>
                  <KeyRound aria-hidden />
                  Replace credential
                </DropdownMenuItem>
                {connection.is_paused ? null : (
                  <DropdownMenuItem onSelect={() => void pause(connection, true)}>
                    <Pause aria-hidden />
                    Pause
                  </DropdownMenuItem>
                )}
                <DropdownMenuItem danger onSelect={() => setOpened({ what: "remove", connection })}>
                  <Trash2 aria-hidden />
                  Remove
                </DropdownMenuItem>
              </>
            ) : null}
          </RowMenu>
        )}
      />
      {mayWrite && url.get("create") === "1" ? <AddConnectionDialog onClose={() => url.set({ create: null })} /> : null}
      {opened?.what === "keys" ? <ProviderKeysSheet connection={opened.connection} apiKeys={apiKeys} onClose={close} /> : null}
      {opened?.what === "replace" ? <ReplaceCredentialDialog connection={opened.connection} onClose={close} /> : null}
      {opened?.what === "remove" ? (
        <ConfirmDialog
          open
          onOpenChange={close}
          title={`Remove ${opened.connection.name}?`}
          consequences={
            <>
              <p>Its credential is erased, and with it the bills that were fetched. Reconciliation forgets those days.</p>
              <p>What was adjusted stays in the journal, where it can be taken back.</p>
            </>
          }
          confirmLabel="Remove connection"
          onConfirm={async () => {
            const result = await removeConnection(organization.id, opened.connection.id);
            await refresh();
            return result.ok ? undefined : result.error.message;
          }}
        />
      ) : null}
    </>
  );
}

function columnsFor(timeZone: string): Column<Connection>[] {
  return [
    {
      id: "name",
      header: "Connection",
      text: ({ name, provider }) => `${name} ${providerNames[provider]}`,
      cell: ({ name, provider }) => (
        <span className="grid min-w-32 max-w-56">
          <span className="truncate font-medium" dir="auto" title={name}>
            {name}
          </span>
          {name === providerNames[provider] ? null : <span className="text-muted text-xs">{providerNames[provider]}</span>}
        </span>
      ),
    },
    {
      id: "state",
      header: "State",
      text: (connection) => [stateWords[connectionState(connection)].label, connection.error_message].filter(Boolean).join(": "),
      cell: (connection) => <ConnectionStatus connection={connection} />,
    },
    {
      id: "last",
      header: "Last fetched",
      text: ({ last_synced_at }) => (last_synced_at ? formatDateTime(last_synced_at, timeZone) : ""),
      cell: ({ last_synced_at }) =>
        last_synced_at ? <RelativeTime at={last_synced_at} timeZone={timeZone} /> : <span className="text-muted">never</span>,
    },
    {
      id: "next",
      header: "Next",
      text: ({ next_at, is_paused }) => (is_paused ? "" : formatDateTime(next_at, timeZone, false)),
      cell: ({ next_at, is_paused }) =>
        is_paused ? (
          <span className="text-muted">–</span>
        ) : (
          <span className="figures whitespace-nowrap text-muted">{formatDateTime(next_at, timeZone, false)}</span>
        ),
    },
    {
      id: "credential",
      header: "Credential",
      text: ({ key_hint }) => (key_hint ? `…${key_hint}` : "sealed"),
      cell: ({ key_hint, credential_changed_at }) => (
        <span className="grid">
          <code className="text-xs">{key_hint ? `…${key_hint}` : "sealed"}</code>
          <span className="text-muted text-xs">
            since <RelativeTime at={credential_changed_at} timeZone={timeZone} />
          </span>
        </span>
      ),
    },
  ];
}
