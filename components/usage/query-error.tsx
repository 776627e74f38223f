"use client";
import { Banner } from "@/components/ui/banner.tsx";
import { Button } from "@/components/ui/button.tsx";
import { CopyButton } from "@/components/ui/copy-button.tsx";
import { useOnline } from "@/lib/supabase/online.ts";
import { requestIdOf } from "@/lib/supabase/request-id.ts";

/** One part of a page that could not be loaded: what happened, what to quote, and another try. The rest of the page stays. */
export function QueryError({ error, what, onRetry }: { error: Error; what: string; onRetry: () => void }) {
  const isOnline = useOnline();
  const code = "code" in error && typeof error.code === "string" ? error.code : "internal";
  const requestId = requestIdOf(error);
  return (
    <Banner tone="critical" title={`${what} could not be loaded`} actions={<Button onClick={onRetry}>Try again</Button>}>
      <p className="text-muted">
        {isOnline ? error.message : "You are offline. This page fills again as soon as the connection is back."}{" "}
        <code className="text-xs">{code}</code>
      </p>
      {requestId ? (
        <p className="flex flex-wrap items-center gap-x-1.5 text-muted">
          Request id <code className="select-all break-all text-xs">{requestId}</code>
          <CopyButton text={requestId} label="Copy the id of what failed" />
        </p>
      ) : null}
    </Banner>
  );
}
