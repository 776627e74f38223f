import { CopyButton } from "./copy-button.tsx";

/** A text that is shown now and never again, with a button that copies it. */
export function SecretLine({ text, label, testId }: { text: string; label: string; testId: string }) {
  return (
    <div className="flex items-center gap-1 rounded-md border border-border bg-surface ps-3">
      <code className="min-w-0 flex-1 break-all py-2 text-xs" data-testid={testId}>
        {text}
      </code>
      <CopyButton text={text} label={label} />
    </div>
  );
}
