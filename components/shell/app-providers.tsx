"use client";
import { QueryClientProvider } from "@tanstack/react-query";
import { type ReactNode, useState } from "react";
import { Toaster } from "@/components/ui/toast.tsx";
import { TooltipProvider } from "@/components/ui/tooltip.tsx";
import { browserDb, DbContext } from "@/lib/supabase/browser.ts";
import { makeQueryClient } from "@/lib/supabase/query-client.ts";
import type { SupabaseSettings } from "@/lib/supabase/settings.ts";

/** What every client component may lean on: the database client, the query cache, tooltips, toasts. */
export function AppProviders({ settings, children }: { settings: SupabaseSettings; children: ReactNode }) {
  const [db] = useState(() => browserDb(settings));
  const [queryClient] = useState(makeQueryClient);
  return (
    <DbContext value={db}>
      <QueryClientProvider client={queryClient}>
        <TooltipProvider delayDuration={300}>{children}</TooltipProvider>
        <Toaster />
      </QueryClientProvider>
    </DbContext>
  );
}
