"use client";
import { KeyRound } from "lucide-react";
import { useEffect, useEffectEvent, useRef, useState } from "react";
import { Banner } from "@/components/ui/banner.tsx";
import { Button } from "@/components/ui/button.tsx";
import { CodeTabs } from "@/components/ui/code-block.tsx";
import { CopyButton } from "@/components/ui/copy-button.tsx";
import { firstEventSamples } from "./snippets.ts";

/** Stands in the snippet until there is a key. */
const NO_KEY = "tt_live_…";

type KeyStepProps = {
  siteUrl: string;
  mayCreate: boolean;
  /** Keys there are already; their secrets were shown once and are gone. */
  existingKeys: number;
  createKey: () => Promise<{ key: string } | { error: string }>;
};

/**
 * A key and the snippet that holds it. The first key of an organization is made when the page opens, so that there is nothing to do
 * but paste; further ones on request.
 */
export function KeyStep({ siteUrl, mayCreate, existingKeys, createKey }: KeyStepProps) {
  const [key, setKey] = useState<string | null>(null);
  const [isPending, setIsPending] = useState(false);
  const [error, setError] = useState<string | null>(null);
  const hasStarted = useRef(false);

  async function create() {
    setIsPending(true);
    setError(null);
    const result = await createKey().catch(() => ({ error: "The server could not be reached. Try again." }));
    setIsPending(false);
    if ("key" in result) setKey(result.key);
    else setError(result.error);
  }

  const createFirst = useEffectEvent(() => {
    if (hasStarted.current || !mayCreate || existingKeys > 0) return;
    hasStarted.current = true;
    void create();
  });
  useEffect(() => createFirst(), []);

  return (
    <div className="grid grid-cols-1 gap-4">
      {error ? (
        <Banner tone="critical" title="No key was created" actions={<Button onClick={create}>Try again</Button>}>
          {error}
        </Banner>
      ) : null}
      <KeyLine apiKey={key} isPending={isPending} mayCreate={mayCreate} existingKeys={existingKeys} onCreate={create} />
      <CodeTabs samples={firstEventSamples(key ?? NO_KEY, siteUrl)} />
    </div>
  );
}

type KeyLineProps = { apiKey: string | null; isPending: boolean; mayCreate: boolean; existingKeys: number; onCreate: () => void };

function KeyLine({ apiKey, isPending, mayCreate, existingKeys, onCreate }: KeyLineProps) {
  if (apiKey) {
    return (
      <div className="grid grid-cols-1 gap-1.5">
        <div className="flex min-w-0 items-center gap-2 rounded-md border border-border bg-surface px-3 py-1.5">
          <KeyRound aria-hidden className="size-4 shrink-0 text-muted" />
          <code className="min-w-0 flex-1 truncate text-xs" dir="ltr">
            {apiKey}
          </code>
          <CopyButton text={apiKey} label="Copy the key" />
        </div>
        <p className="text-muted text-xs">Shown this once: it is stored as a hash. It is in the snippet below already.</p>
      </div>
    );
  }
  if (!mayCreate) {
    return (
      <p className="text-muted">Your role may not create API keys. Ask an owner or administrator for one and put it in the snippet.</p>
    );
  }
  return (
    <div className="flex flex-wrap items-center gap-3">
      <Button variant="primary" onClick={onCreate} pending={isPending}>
        {isPending ? "Creating your key…" : existingKeys > 0 ? "Create another key" : "Create a key"}
      </Button>
      {existingKeys > 0 && !isPending ? (
        <p className="text-muted">
          This organization has {existingKeys} {existingKeys === 1 ? "key" : "keys"} already; a key's text cannot be shown again.
        </p>
      ) : null}
    </div>
  );
}
