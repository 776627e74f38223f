"use client";
import { FileQuestion } from "lucide-react";
import { CopyButton } from "@/components/ui/copy-button.tsx";
import { EmptyState } from "@/components/ui/empty-state.tsx";
import { Sheet, SheetContent } from "@/components/ui/sheet.tsx";
import { Skeleton } from "@/components/ui/skeleton.tsx";
import { QueryError } from "@/components/usage/query-error.tsx";
import { formatDateTime } from "@/lib/core/time.ts";
import { useUsage } from "@/lib/usage/hooks.ts";
import { requestQuery } from "@/lib/usage/queries.ts";
import { RequestDetails } from "./request-details.tsx";

type RequestPanelProps = { requestId: string | null; organizationId: string; timeZone: string; onClose: () => void };

/** One request at the side; the address names it, so it can be sent to a colleague. */
export function RequestPanel({ requestId, organizationId, timeZone, onClose }: RequestPanelProps) {
  return (
    <Sheet open={requestId !== null} onOpenChange={(open) => !open && onClose()}>
      {requestId === null ? null : (
        <PanelContent key={requestId} requestId={requestId} organizationId={organizationId} timeZone={timeZone} />
      )}
    </Sheet>
  );
}

function PanelContent({ requestId, organizationId, timeZone }: Omit<RequestPanelProps, "onClose" | "requestId"> & { requestId: string }) {
  const { data, error, refetch, isPlaceholderData } = useUsage(requestQuery(organizationId, requestId));
  const record = isPlaceholderData ? undefined : data;
  return (
    <SheetContent
      title={
        <span className="flex min-w-0 items-center gap-1">
          <span className="truncate font-mono text-sm" title={requestId}>
            {requestId}
          </span>
          <CopyButton text={requestId} label="Copy the request id" />
        </span>
      }
      description={record ? `${record.provider} · ${formatDateTime(record.timestamp, timeZone)} ${timeZone}` : "Request"}
    >
      {error && record === undefined ? <QueryError error={error} what="This request" onRetry={() => refetch()} /> : null}
      {record === undefined && !error ? (
        <div role="status" aria-label="Loading the request" className="grid gap-4">
          <Skeleton className="h-9 w-40" />
          <Skeleton className="h-40 w-full" />
          <Skeleton className="h-24 w-full" />
        </div>
      ) : null}
      {record === null ? (
        <EmptyState icon={<FileQuestion />} title="No such request here">
          No request of this organization has the id <code className="break-all text-xs">{requestId}</code>. It may belong to another
          organization, or not have arrived yet; this panel fills by itself when it does.
        </EmptyState>
      ) : null}
      {record ? <RequestDetails record={record} timeZone={timeZone} /> : null}
    </SheetContent>
  );
}
