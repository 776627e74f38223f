"use client";
import { useSyncExternalStore } from "react";
import { Banner } from "@/components/ui/banner.tsx";
import { Button } from "@/components/ui/button.tsx";

/** One part of a page that could not be loaded: what happened, what to quote, and another try. The rest of the page stays. */
export function QueryError({ error, what, onRetry }: { error: Error; what: string; onRetry: () => void }) {
  const isOnline = useOnline();
  const code = "code" in error && typeof error.code === "string" ? error.code : "internal";
  return (
    <Banner tone="critical" title={`${what} could not be loaded`} actions={<Button onClick={onRetry}>Try again</Button>}>
      <p className="text-muted">
        {isOnline ? error.message : "You are offline. This page fills again as soon as the connection is back."}{" "}
        <code className="text-xs">{code}</code>
      </p>
    </Banner>
  );
}

function useOnline(): boolean {
  return useSyncExternalStore(
    (listener) => {
      window.addEventListener("online", listener);
      window.addEventListener("offline", listener);
      return () => {
        window.removeEventListener("online", listener);
        window.removeEventListener("offline", listener);
      };
    },
    () => navigator.onLine,
    () => true,
  );
}
