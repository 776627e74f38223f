"use client";
import { Banner } from "@/components/ui/banner.tsx";
import { Button } from "@/components/ui/button.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Section } from "@/components/ui/section.tsx";
import { Select } from "@/components/ui/select.tsx";
import { formatExact } from "@/lib/core/numbers.ts";
import { adapterOf, adapters } from "@/lib/imports/adapters/known.ts";
import { formatBytes } from "./format-bytes.ts";
import { MappingForm } from "./mapping-form.tsx";
import type { useImport } from "./use-import.ts";

function Progress({ state }: { state: ReturnType<typeof useImport> }) {
  const { running, progress, waiting } = state;
  if (running === null) return null;
  const isReading = progress !== null && progress.phase === "reading";
  const percent = isReading && progress.file_bytes > 0 ? Math.min(Math.floor((progress.bytes_read / progress.file_bytes) * 100), 100) : 0;
  return (
    <div className="grid gap-1.5" aria-live="polite">
      <div
        role="progressbar"
        aria-label={`Progress of the ${running}`}
        aria-valuenow={percent}
        aria-valuemin={0}
        aria-valuemax={100}
        className="h-1.5 overflow-hidden rounded-full bg-hover"
      >
        <div className="h-full rounded-full bg-accent transition-[width]" style={{ width: `${percent}%` }} />
      </div>
      <p className="figures text-muted text-xs">
        {isReading
          ? `${percent} % · ${formatExact(progress.rows_read)} rows · ${formatExact(progress.accepted)} ${running === "dry run" ? "priced" : "stored"}` +
            (progress.duplicates > 0 ? ` · ${formatExact(progress.duplicates)} known before` : "") +
            (progress.rejected > 0 ? ` · ${formatExact(progress.rejected)} refused` : "")
          : "Reading the file…"}
        {waiting === null ? null : ` · ${waiting} Trying again.`}
      </p>
    </div>
  );
}

/** A chosen file: how it is read, and the two things to do with it. */
export function ImportFilePanel({ state, mayImport }: { state: ReturnType<typeof useImport>; mayImport: boolean }) {
  const { chosen, running, problem, result } = state;
  if (chosen === null) return null;
  const { file, adapter, columns, mapping } = chosen;
  const isMapped = adapter.id === "tokentra";
  const missing = ["timestamp", "model"].filter((field) => isMapped && mapping[field] === undefined && !columns.includes(field));
  return (
    <Section
      title={
        <span dir="auto" className="break-all">
          {file.name}
        </span>
      }
      description={`${formatBytes(file.size)}, ${columns.length} columns`}
      actions={
        <Button size="sm" variant="ghost" onClick={state.forget} disabled={running !== null}>
          Another file
        </Button>
      }
    >
      <div className="grid gap-5">
        <Field label="What it is" hint={adapter.comesFrom} className="max-w-md">
          <Select
            value={adapter.id}
            disabled={running !== null}
            onValueChange={(id) => state.change({ adapter: adapterOf(id) ?? adapter })}
            options={adapters.map(({ id, label }) => ({ value: id, label }))}
          />
        </Field>
        {isMapped ? <MappingForm chosen={chosen} disabled={running !== null} onChange={(next) => state.change({ mapping: next })} /> : null}
        {adapter.kind === "buckets" ? (
          <Banner tone="info" title="These are counts, not calls">
            Buckets of models whose traffic is tracked here already are left out, because the same tokens would be counted twice. The number
            of requests is that of the records made, not of the calls.
          </Banner>
        ) : null}
        <Progress state={state} />
        {problem === null ? null : <Banner tone="critical">{problem}</Banner>}
        {missing.length > 0 ? <p className="text-muted text-sm">Choose the column for {missing.join(" and ")} first.</p> : null}
        {mayImport ? (
          <div className="flex flex-wrap gap-2">
            {running === null ? (
              <>
                <Button
                  variant={result?.is_dry_run ? "secondary" : "primary"}
                  disabled={missing.length > 0}
                  onClick={() => void state.run(true)}
                >
                  Dry run
                </Button>
                <Button
                  variant={result?.is_dry_run ? "primary" : "secondary"}
                  disabled={missing.length > 0}
                  onClick={() => void state.run(false)}
                >
                  Import
                </Button>
              </>
            ) : (
              <Button onClick={state.stop}>Stop</Button>
            )}
          </div>
        ) : (
          <p className="text-muted text-sm">Your role may look at imports, but not start one: ask an owner or admin.</p>
        )}
      </div>
    </Section>
  );
}
