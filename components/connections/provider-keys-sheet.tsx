"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { Banner } from "@/components/ui/banner.tsx";
import { Select } from "@/components/ui/select.tsx";
import { Sheet, SheetContent } from "@/components/ui/sheet.tsx";
import { Table, TableBody, TableCell, TableHead, TableHeaderCell, TableRow } from "@/components/ui/table.tsx";
import { linkProviderKey } from "@/lib/connections/actions.ts";
import { type Connection, listProviderKeys, type ProviderKey, providerKeysKey } from "@/lib/connections/queries.ts";
import { providerNames } from "@/lib/connections/schema.ts";
import { useOrganization, usePermission } from "@/lib/orgs/hooks.ts";
import { useDb } from "@/lib/supabase/browser.ts";

const NOBODY = "none";
type ProviderKeysSheetProps = { connection: Connection; apiKeys: readonly { id: string; name: string }[]; onClose: () => void };

/** Which of the provider's keys is which of ours: linked ones are reconciled key by key. */
export function ProviderKeysSheet({ connection, apiKeys, onClose }: ProviderKeysSheetProps) {
  const { organization } = useOrganization();
  const mayWrite = usePermission("connections.write");
  const db = useDb();
  const queryClient = useQueryClient();
  const [problem, setProblem] = useState<string>();
  const { data: keys } = useQuery({
    queryKey: providerKeysKey(organization.id),
    queryFn: () => listProviderKeys(db, organization.id),
    select: (all) => all.filter(({ connection_id }) => connection_id === connection.id),
  });
  const options = [{ value: NOBODY, label: "Not linked" }, ...apiKeys.map(({ id, name }) => ({ value: id, label: name }))];

  async function link({ provider_key }: ProviderKey, value: string) {
    const result = await linkProviderKey(organization.id, connection.id, provider_key, value === NOBODY ? null : value);
    setProblem(result.ok ? undefined : result.error.message);
    await queryClient.invalidateQueries({ queryKey: providerKeysKey(organization.id) });
    await queryClient.invalidateQueries({ queryKey: ["reconciliation"] });
  }

  return (
    <Sheet open onOpenChange={(open) => !open && onClose()}>
      <SheetContent
        title={`Keys of ${connection.name}`}
        description={`${providerNames[connection.provider]} bills by its own keys. Say which of yours uses each, and both are compared key by key.`}
      >
        {problem ? (
          <Banner tone="critical" className="mb-3">
            {problem}
          </Banner>
        ) : null}
        {keys?.length === 0 ? (
          <p className="text-muted text-sm">No key has appeared in its reports yet. A provider that bills without keys never names one.</p>
        ) : (
          <Table label="Keys of the provider">
            <TableHead>
              <tr>
                <TableHeaderCell>Provider's key</TableHeaderCell>
                <TableHeaderCell>Your key</TableHeaderCell>
              </tr>
            </TableHead>
            <TableBody>
              {(keys ?? []).map((key) => (
                <TableRow key={key.provider_key}>
                  <TableCell>
                    <code className="break-all text-xs">{key.provider_key}</code>
                  </TableCell>
                  <TableCell>
                    <Select
                      aria-label={`Your key for ${key.provider_key}`}
                      value={key.api_key_id ?? NOBODY}
                      onValueChange={(value) => void link(key, value)}
                      options={mayWrite ? options : options.filter(({ value }) => value === (key.api_key_id ?? NOBODY))}
                    />
                  </TableCell>
                </TableRow>
              ))}
            </TableBody>
          </Table>
        )}
      </SheetContent>
    </Sheet>
  );
}
