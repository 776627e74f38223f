import type { ReactNode } from "react";
import { CodeBlock } from "@/components/ui/code-block.tsx";
import { StatusMark } from "@/components/usage/status-mark.tsx";
import { formatMoney, formatMoneyExact } from "@/lib/core/money.ts";
import { formatExact, formatLatency } from "@/lib/core/numbers.ts";
import { formatDateTime } from "@/lib/core/time.ts";
import { type UsageRecord, unitLabel } from "@/lib/usage/record.ts";
import { Receipt } from "./receipt.tsx";

/** Everything that is known of one request: what it cost and why, what it used, how long it took, whose it was. */
export function RequestDetails({ record, timeZone }: { record: UsageRecord; timeZone: string }) {
  return (
    <div className="grid gap-6 text-sm">
      <div className="flex flex-wrap items-baseline justify-between gap-x-6 gap-y-1">
        <p className="figures font-semibold text-2xl tracking-tight" title={formatMoneyExact(record.cost)}>
          {formatMoney(record.cost)}
        </p>
        <p className="flex min-w-0 items-center gap-3">
          <span className="break-words font-medium" dir="auto">
            {record.model}
          </span>
          <StatusMark status={record.status} code={record.error_code} withWord />
        </p>
      </div>
      <Part title="Receipt">
        <Receipt record={record} />
      </Part>
      <Part title="Tokens">
        <Facts
          facts={[
            ["Input", formatExact(record.input_tokens)],
            ["Output", formatExact(record.output_tokens)],
            ...record.parts.map(({ name, tokens }): Fact => [`of which ${unitLabel(name).toLowerCase()}`, formatExact(tokens)]),
            ...record.otherUnits.map(({ name, quantity }): Fact => [unitLabel(name), quantity]),
          ]}
        />
      </Part>
      <Part title="Timing">
        <Facts
          facts={[
            ["Called", formatDateTime(record.timestamp, timeZone)],
            ["Recorded", record.recorded_at && formatDateTime(record.recorded_at, timeZone)],
            ["Latency", record.latency_ms === null ? null : formatLatency(record.latency_ms)],
            ["First token", record.time_to_first_token_ms === null ? null : formatLatency(record.time_to_first_token_ms)],
            ["Error", record.error_code],
          ]}
        />
      </Part>
      <Part title="Attribution">
        <Facts
          facts={[
            ["Team", record.team_name],
            ["Project", record.project_name],
            ["Feature", record.feature],
            ["End user", record.end_user],
            ["Environment", record.environment],
            ["API key", record.api_key_name],
            ["Session", record.session_id],
            ["Trace", record.trace_id],
            ["Operation", record.operation_id],
            ["Endpoint", record.endpoint],
            ["Service tier", record.service_tier],
            ["Region", record.region],
            ["Came in by", record.source],
            ["Served from cache", record.cache_hit === null ? null : record.cache_hit ? "yes" : "no"],
          ]}
        />
      </Part>
      <Json title="Tags" value={record.tags} />
      <Json title="Metadata" value={record.metadata} />
      <Json title="Usage as reported" value={record.rawUsage} />
    </div>
  );
}

type Fact = [term: string, value: string | null];

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section>
      <h3 className="mb-2 font-semibold text-xs">{title}</h3>
      {children}
    </section>
  );
}

function Facts({ facts }: { facts: readonly Fact[] }) {
  const known = facts.filter(([, value]) => value !== null && value !== "");
  return (
    <dl className="grid grid-cols-[minmax(7rem,auto)_minmax(0,1fr)] gap-x-4 gap-y-1">
      {known.map(([term, value]) => (
        <div key={term} className="contents">
          <dt className="text-muted">{term}</dt>
          <dd className="figures min-w-0 text-end">
            <span className="break-words" dir="auto">
              {value}
            </span>
          </dd>
        </div>
      ))}
    </dl>
  );
}

/** Free data stays data: printed, never rendered. Nothing when there is none. */
function Json({ title, value }: { title: string; value: unknown }) {
  const isEmpty = value === null || value === undefined || (typeof value === "object" && Object.keys(value).length === 0);
  if (isEmpty) return null;
  return (
    <Part title={title}>
      <CodeBlock code={JSON.stringify(value, null, 2)} label={title} />
    </Part>
  );
}
