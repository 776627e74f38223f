"use client";
import { CalendarOff, Radio } from "lucide-react";
import Link from "next/link";
import { Button, buttonStyles } from "@/components/ui/button.tsx";
import { EmptyState } from "@/components/ui/empty-state.tsx";
import { Skeleton } from "@/components/ui/skeleton.tsx";
import { formatDateTime, inZone } from "@/lib/core/time.ts";
import { DEFAULT_CHOICE, type RangeChoice } from "@/lib/core/time-range.ts";
import { useUsage } from "@/lib/usage/hooks.ts";
import { pulseQuery } from "@/lib/usage/queries.ts";

type NothingInRangeProps = { organizationId: string; slug: string; timeZone: string; onRange: (choice: RangeChoice) => void };

/** No usage to show: either nothing was ever sent, and the next step is the snippet, or it lies in another range. */
export function NothingInRange({ organizationId, slug, timeZone, onRange }: NothingInRangeProps) {
  const { data: pulse } = useUsage(pulseQuery(organizationId, "page"));
  if (!pulse) return <Skeleton className="h-44 w-full" />;
  if (pulse.last_event_at === null) {
    return (
      <EmptyState
        icon={<Radio />}
        title="No usage yet"
        actions={
          <Link href={`/${slug}/start`} className={buttonStyles({ variant: "primary" })}>
            Send the first event
          </Link>
        }
      >
        One snippet with your own key, and calls show up here within seconds, priced to the last digit.
      </EmptyState>
    );
  }
  const last = pulse.last_event_at;
  return (
    <EmptyState
      icon={<CalendarOff />}
      title="Nothing in this range"
      actions={
        <Button
          onClick={() => {
            const day = inZone(last, timeZone).toPlainDate();
            onRange({ ...DEFAULT_CHOICE, preset: "custom", from: day.subtract({ days: 6 }).toString(), to: day.toString() });
          }}
        >
          Show the last week with usage
        </Button>
      }
    >
      The last event was on {formatDateTime(last, timeZone, false)}.
    </EmptyState>
  );
}
