"use client";
import { useState } from "react";
import { firstEventSamples } from "@/components/start/snippets.ts";
import { Banner } from "@/components/ui/banner.tsx";
import { Button } from "@/components/ui/button.tsx";
import { CodeTabs } from "@/components/ui/code-block.tsx";
import { DialogClose, DialogContent, DialogFooter } from "@/components/ui/dialog.tsx";
import { SecretLine } from "@/components/ui/secret-line.tsx";
import type { NewSecret } from "@/lib/api-keys/actions.ts";
import { formatDateTime } from "@/lib/core/time.ts";
import { useOrganization } from "@/lib/orgs/hooks.ts";

/** A key that is shown now and never again, with what to do with it. */
export function SecretOnce({ secret }: { secret: NewSecret }) {
  const { organization } = useOrganization();
  const [origin] = useState(() => location.origin);
  return (
    <DialogContent
      title="Copy the key now"
      description={`${secret.name}: it is shown only this once.`}
      dismissible={false}
      className="w-[min(40rem,calc(100vw-1.5rem))]"
    >
      <SecretLine text={secret.key} label="Copy key" testId="api-key" />
      {secret.previous_expires_at ? (
        <Banner tone="info" className="mt-3">
          The old key works until {formatDateTime(secret.previous_expires_at, organization.time_zone, false)} ({organization.time_zone}).
          Replace it before then.
        </Banner>
      ) : null}
      <CodeTabs className="mt-4" samples={firstEventSamples(secret.key, origin)} />
      <DialogFooter>
        <DialogClose asChild>
          <Button variant="primary">I have saved it</Button>
        </DialogClose>
      </DialogFooter>
    </DialogContent>
  );
}
