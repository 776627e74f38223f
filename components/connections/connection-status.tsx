import { Status, type Tone } from "@/components/ui/badge.tsx";
import type { Connection } from "@/lib/connections/queries.ts";

export type ConnectionState = "connected" | "syncing" | "backfilling" | "pending" | "error" | "paused";

export const stateWords: Record<ConnectionState, { label: string; tone: Tone }> = {
  connected: { label: "Connected", tone: "ok" },
  syncing: { label: "Fetching", tone: "info" },
  backfilling: { label: "Fetching history", tone: "info" },
  pending: { label: "Waiting for its first fetch", tone: "neutral" },
  error: { label: "Error", tone: "critical" },
  paused: { label: "Paused", tone: "neutral" },
};

export function connectionState({ is_paused, status, is_syncing, days_done, days_total }: Connection): ConnectionState {
  if (is_paused) return "paused";
  if (status === "error") return "error";
  if (is_syncing) return "syncing";
  if (status === "pending") return "pending";
  return days_done < days_total - 1 ? "backfilling" : "connected";
}

/** How a connection is, with the reason when something is wrong and a bar while its history is on its way. */
export function ConnectionStatus({ connection }: { connection: Connection }) {
  const state = connectionState(connection);
  const { label, tone } = stateWords[state];
  const { days_done, days_total, error_message } = connection;
  return (
    <div className="grid min-w-44 max-w-80 gap-1 whitespace-normal py-1">
      <Status tone={tone}>{label}</Status>
      {error_message && state === "error" ? <p className="text-muted text-xs">{error_message}</p> : null}
      {days_done < days_total - 1 && !connection.is_paused ? (
        <div className="grid gap-0.5">
          <progress
            className="h-1.5 w-full accent-accent"
            value={days_done}
            max={days_total}
            aria-label={`History of ${connection.name}`}
          />
          <p className="figures text-muted text-xs">
            {days_done} of {days_total} days
          </p>
        </div>
      ) : null}
    </div>
  );
}
