"use client";
import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useState } from "react";
import { ConfirmDialog } from "@/components/ui/confirm-dialog.tsx";
import { RelativeTime } from "@/components/ui/relative-time.tsx";
import { toast } from "@/components/ui/toast.tsx";
import { revokeApiKey } from "@/lib/api-keys/actions.ts";
import { type ApiKey, apiKeysKey, requestsOfKey } from "@/lib/api-keys/queries.ts";
import { useOrganization, usePermission } from "@/lib/orgs/hooks.ts";
import { useDb } from "@/lib/supabase/browser.ts";

const DAY_MS = 86_400_000;

/** Asks before a key stops, saying what used it in the last 24 hours. */
export function RevokeKeyDialog({ apiKey, onClose }: { apiKey: ApiKey; onClose: () => void }) {
  const { organization } = useOrganization();
  const mayReadUsage = usePermission("usage.read");
  const db = useDb();
  const queryClient = useQueryClient();
  const [now] = useState(() => Date.now());
  const { data: requests } = useQuery({
    queryKey: ["usage", "key-requests", organization.id, apiKey.id, now],
    enabled: mayReadUsage,
    queryFn: () => requestsOfKey(db, organization.id, apiKey.id, new Date(now - DAY_MS).toISOString(), new Date(now).toISOString()),
  });

  async function revoke() {
    const result = await revokeApiKey(organization.id, apiKey.id);
    if (!result.ok) return result.error.message;
    toast({ title: `${apiKey.name} was revoked` });
    await queryClient.invalidateQueries({ queryKey: apiKeysKey(organization.id) });
    return undefined;
  }

  return (
    <ConfirmDialog
      open
      onOpenChange={onClose}
      title={`Revoke ${apiKey.name}?`}
      consequences={
        <>
          <p>
            <code className="text-xs">{apiKey.prefix}…</code> stops working everywhere within five seconds, for good. Whatever still sends
            it is refused with 401.
          </p>
          {requests ? (
            <p className="font-medium text-critical">
              It sent {requests.toLocaleString("en")} requests in the last 24 hours. Rotate it instead if those must go on.
            </p>
          ) : requests === 0 ? (
            <p>It sent nothing in the last 24 hours.</p>
          ) : null}
          <p>
            {apiKey.last_used_at ? (
              <>
                Last used <RelativeTime at={apiKey.last_used_at} timeZone={organization.time_zone} />.
              </>
            ) : (
              "It was never used."
            )}
          </p>
        </>
      }
      confirmLabel="Revoke key"
      onConfirm={revoke}
    />
  );
}
