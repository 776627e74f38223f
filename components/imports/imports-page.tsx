"use client";
import { useQuery } from "@tanstack/react-query";
import { Banner } from "@/components/ui/banner.tsx";
import { CodeBlock } from "@/components/ui/code-block.tsx";
import { Section } from "@/components/ui/section.tsx";
import { Sheet, SheetContent } from "@/components/ui/sheet.tsx";
import { TableSkeleton } from "@/components/ui/skeleton.tsx";
import { useUrlState } from "@/components/ui/use-url-state.ts";
import { type ImportSummary, importsKey, importWithComparison, listImports } from "@/lib/imports/queries.ts";
import { useOrganization, usePermission } from "@/lib/orgs/hooks.ts";
import { useDb } from "@/lib/supabase/browser.ts";
import { DropZone } from "./drop-zone.tsx";
import { ImportFilePanel } from "./import-file.tsx";
import { ImportResult } from "./import-result.tsx";
import { ImportsList } from "./imports-list.tsx";
import { useImport } from "./use-import.ts";

const command = `export TOKENTRA_BASE_URL=… TOKENTRA_API_KEY=…   # a key of scope admin
npx tokentra import usage.csv --dry-run
npx tokentra import usage.csv`;

function ImportSheet({ id, onClose }: { id: string; onClose: () => void }) {
  const { organization } = useOrganization();
  const db = useDb();
  const { data, error } = useQuery({
    queryKey: [...importsKey(organization.id), id],
    queryFn: () => importWithComparison(db, organization.id, id),
  });
  return (
    <Sheet open onOpenChange={(open) => (open ? undefined : onClose())}>
      <SheetContent title={data?.file_name ?? "Import"}>
        {error ? <Banner tone="critical">{error.message}</Banner> : null}
        {data ? <ImportResult document={data} /> : error ? null : <TableSkeleton rows={4} columns={["w-40", "w-20", "w-20"]} />}
      </SheetContent>
    </Sheet>
  );
}

/** Settings → Import: a file comes in here, and what came in before is listed. */
export function ImportsPage({ initial, now }: { initial: ImportSummary[]; now: number }) {
  const { organization } = useOrganization();
  const mayImport = usePermission("api_keys.write");
  const db = useDb();
  const url = useUrlState();
  const state = useImport();
  const { data: imports, dataUpdatedAt } = useQuery({
    queryKey: importsKey(organization.id),
    queryFn: () => listImports(db, organization.id),
    initialData: initial,
    initialDataUpdatedAt: now,
    // Somebody else's import moves on without a ping: it is looked at while one runs.
    refetchInterval: ({ state: { data } }) => (data?.some(({ status }) => status === "running") ? 5_000 : false),
  });
  return (
    <>
      {state.chosen === null && mayImport ? (
        <Section>
          <DropZone onFile={(file) => void state.choose(file)} />
          {state.problem === null ? null : (
            <Banner tone="critical" className="mt-4">
              {state.problem}
            </Banner>
          )}
        </Section>
      ) : null}
      <ImportFilePanel state={state} mayImport={mayImport} />
      {state.result === null ? null : (
        <Section>
          <ImportResult document={state.result} />
        </Section>
      )}
      <Section title="Imports">
        <ImportsList imports={imports} timeZone={organization.time_zone} now={dataUpdatedAt} onOpen={(id) => url.set({ import: id })} />
      </Section>
      <Section
        title="From a terminal or a job"
        description="The same import, for files on a machine. Run again, it goes on where it ended."
      >
        <CodeBlock code={command} label="Command" />
      </Section>
      {url.get("import") ? <ImportSheet id={url.get("import")} onClose={() => url.set({ import: null })} /> : null}
    </>
  );
}
