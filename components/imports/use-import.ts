"use client";
import { useQueryClient } from "@tanstack/react-query";
import { useEffect, useRef, useState } from "react";
import { createImportKey, endImportKey } from "@/lib/imports/actions.ts";
import type { Adapter } from "@/lib/imports/adapter.ts";
import { detectAdapter } from "@/lib/imports/adapters/known.ts";
import { tokentra } from "@/lib/imports/adapters/tokentra.ts";
import { inspect } from "@/lib/imports/file.ts";
import { guessMapping } from "@/lib/imports/guess-mapping.ts";
import { createImportClient, ImportRefused } from "@/lib/imports/import-client.ts";
import { importsKey, rememberedMapping } from "@/lib/imports/queries.ts";
import { columnsDigest, type ImportProgress, runImport } from "@/lib/imports/run-import.ts";
import type { ImportDocument, ImportMapping } from "@/lib/imports/schema.ts";
import { useOrganization } from "@/lib/orgs/hooks.ts";
import { useDb } from "@/lib/supabase/browser.ts";

/** A file that was looked into, and how it would be read. */
export type ChosenFile = { file: File; columns: string[]; sample: Record<string, unknown>[]; adapter: Adapter; mapping: ImportMapping };

function sentenceFor(error: unknown): string {
  if (error instanceof DOMException && error.name === "AbortError") return "Stopped. Import the same file again to go on where it ended.";
  if (error instanceof DOMException) return "The file could not be read. It may have been moved or changed: choose it again.";
  if (error instanceof ImportRefused && error.code === "unauthenticated") {
    return "The import rested for too long, or your role changed. Start it again: it goes on where it ended.";
  }
  return error instanceof Error ? error.message : "The import stopped. Start it again: it goes on where it ended.";
}

/** One import in this browser: choosing the file, trying it, bringing it in. The file never leaves but as usage events. */
export function useImport() {
  const { organization } = useOrganization();
  const db = useDb();
  const queryClient = useQueryClient();
  const [chosen, setChosen] = useState<ChosenFile | null>(null);
  const [running, setRunning] = useState<"dry run" | "import" | null>(null);
  const [progress, setProgress] = useState<ImportProgress | null>(null);
  const [waiting, setWaiting] = useState<string | null>(null);
  const [problem, setProblem] = useState<string | null>(null);
  const [result, setResult] = useState<ImportDocument | null>(null);
  const abort = useRef<AbortController | null>(null);

  // Leaving the page ends the import; the browser asks first.
  useEffect(() => {
    if (running === null) return;
    const ask = (event: BeforeUnloadEvent) => event.preventDefault();
    window.addEventListener("beforeunload", ask);
    return () => window.removeEventListener("beforeunload", ask);
  }, [running]);
  useEffect(() => () => abort.current?.abort(), []);

  async function choose(file: File): Promise<void> {
    setProblem(null);
    setResult(null);
    setProgress(null);
    try {
      const { columns, sample } = await inspect({ name: file.name, size: file.size, stream: () => file.stream() });
      if (columns.length === 0) {
        setChosen(null);
        setProblem(`${file.name} has no rows that can be read. CSV, JSON and JSONL are, also gzipped.`);
        return;
      }
      const adapter = detectAdapter(columns);
      const remembered = await rememberedMapping(db, organization.id, await columnsDigest(columns)).catch(() => null);
      setChosen({
        file,
        columns,
        sample,
        adapter: adapter ?? tokentra,
        mapping: remembered ?? (adapter === null ? guessMapping(columns) : {}),
      });
    } catch (error) {
      setProblem(sentenceFor(error));
    }
  }

  async function run(isDryRun: boolean): Promise<void> {
    if (chosen === null || running !== null) return;
    const { file, adapter, columns, mapping } = chosen;
    setRunning(isDryRun ? "dry run" : "import");
    setProblem(null);
    setResult(null);
    const controller = new AbortController();
    abort.current = controller;
    let openKey: string | null = null;
    try {
      const made = await createImportKey(organization.id, file.name);
      if (!made.ok) {
        setProblem(made.error.message);
        return;
      }
      openKey = made.data.id;
      const client = createImportClient({
        baseUrl: window.location.origin,
        apiKey: made.data.key,
        signal: controller.signal,
        onWait: (_, reason) => setWaiting(reason),
      });
      const document = await runImport({
        file: { name: file.name, size: file.size, stream: () => file.stream() },
        adapter,
        columns,
        mapping,
        isDryRun,
        client,
        onProgress: (next) => {
          setWaiting(null);
          setProgress(next);
        },
      });
      openKey = null;
      setResult(document);
    } catch (error) {
      setProblem(sentenceFor(error));
    } finally {
      if (openKey !== null) void endImportKey(organization.id, openKey).catch(() => {});
      abort.current = null;
      setRunning(null);
      setWaiting(null);
      setProgress(null);
      await queryClient.invalidateQueries({ queryKey: importsKey(organization.id) });
    }
  }

  return {
    chosen,
    running,
    progress,
    waiting,
    problem,
    result,
    choose,
    run,
    change: (change: Partial<ChosenFile>) => {
      setResult(null);
      setChosen((current) => (current === null ? null : { ...current, ...change }));
    },
    stop: () => abort.current?.abort(),
    forget: () => {
      setChosen(null);
      setResult(null);
      setProblem(null);
    },
  };
}
