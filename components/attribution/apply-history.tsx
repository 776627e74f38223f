"use client";
import { useQuery } from "@tanstack/react-query";
import { useRef, useState } from "react";
import { Banner } from "@/components/ui/banner.tsx";
import { Button } from "@/components/ui/button.tsx";
import { Dialog, DialogContent, DialogFooter } from "@/components/ui/dialog.tsx";
import { applyAttribution, previewAttribution } from "@/lib/attribution/queries.ts";
import { toAppError } from "@/lib/core/database-errors.ts";
import { formatMoney } from "@/lib/core/money.ts";
import { formatCount } from "@/lib/core/numbers.ts";
import { useOrganization } from "@/lib/orgs/hooks.ts";
import { useDb } from "@/lib/supabase/browser.ts";

const days = 90;

type Run = { moved: number; state: "running" | "done" | "stopped" } | { moved: number; state: "failed"; message: string };

/** Shows what the rules would attribute of recent history, then does it page by page; each page is exact by itself, so it may be stopped. */
export function ApplyHistoryDialog({ onClose }: { onClose: () => void }) {
  const { organization } = useOrganization();
  const db = useDb();
  const [window] = useState(() => {
    const to = new Date();
    return { from: new Date(to.getTime() - days * 86_400_000).toISOString(), to: to.toISOString() };
  });
  const preview = useQuery({
    queryKey: ["attribution_preview", organization.id, window.to],
    queryFn: () => previewAttribution(db, organization.id, window),
  });
  const [run, setRun] = useState<Run>();
  const stop = useRef(false);
  const planned = preview.data?.rules.reduce((sum, { requests }) => sum + requests, 0) ?? 0;

  async function apply() {
    stop.current = false;
    let moved = 0;
    setRun({ moved, state: "running" });
    try {
      for (let next = null as Awaited<ReturnType<typeof applyAttribution>>["next"]; ; ) {
        const page = await applyAttribution(db, organization.id, { ...window, next });
        moved += page.moved;
        next = page.next;
        if (next === null || stop.current) return setRun({ moved, state: next === null ? "done" : "stopped" });
        setRun({ moved, state: "running" });
      }
    } catch (error) {
      setRun({ moved, state: "failed", message: toAppError(error).message });
    }
  }

  return (
    <Dialog open onOpenChange={(open) => !open && run?.state !== "running" && onClose()}>
      <DialogContent
        title={`Apply rules to the last ${days} days`}
        description="Only usage without a team and a project moves. No total changes; the journal notes every step."
      >
        {preview.error ? <Banner tone="critical">{toAppError(preview.error).message}</Banner> : null}
        {preview.data ? (
          <ul className="divide-y divide-border rounded-lg border border-border text-sm">
            {preview.data.rules.map(({ id, name, requests, cost }) => (
              <li key={id} className="flex items-baseline justify-between gap-3 px-3 py-2">
                <span className="min-w-0 truncate" dir="auto">
                  {name}
                </span>
                <span className="tabular whitespace-nowrap text-muted">
                  {formatCount(requests)} requests · {formatMoney(cost)}
                </span>
              </li>
            ))}
            <li className="flex justify-between gap-3 px-3 py-2 font-medium">
              <span>Nobody's today</span>
              <span className="tabular">
                {formatCount(preview.data.unattributed.requests)} requests · {formatMoney(preview.data.unattributed.cost)}
              </span>
            </li>
          </ul>
        ) : preview.isPending ? (
          <p className="text-muted text-sm">Trying the rules on history…</p>
        ) : null}
        {run ? (
          <div className="grid gap-2" role="status">
            <progress
              className="w-full accent-accent"
              max={Math.max(planned, run.moved, 1)}
              value={run.state === "done" ? Math.max(planned, run.moved, 1) : run.moved}
            />
            <p className="text-muted text-sm">
              {run.state === "running" ? `${formatCount(run.moved)} of ${formatCount(planned)} requests moved…` : null}
              {run.state === "done" ? `Done: ${formatCount(run.moved)} requests now belong to a team or project.` : null}
              {run.state === "stopped" ? `Stopped after ${formatCount(run.moved)} requests. Run it again to go on.` : null}
            </p>
            {run.state === "failed" ? (
              <Banner tone="critical">
                {run.message} {formatCount(run.moved)} requests moved before that; run it again to go on.
              </Banner>
            ) : null}
          </div>
        ) : null}
        <DialogFooter>
          {run?.state === "running" ? (
            <Button
              onClick={() => {
                stop.current = true;
              }}
            >
              Stop
            </Button>
          ) : (
            <Button onClick={onClose}>Close</Button>
          )}
          <Button variant="primary" pending={run?.state === "running"} disabled={planned === 0 || run?.state === "done"} onClick={apply}>
            Apply to {formatCount(planned)} requests
          </Button>
        </DialogFooter>
      </DialogContent>
    </Dialog>
  );
}
