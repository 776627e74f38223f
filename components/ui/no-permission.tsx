import { Lock } from "lucide-react";

/** The role does not reach this page: says so, and who can change that. */
export function NoPermission({ what }: { what: string }) {
  return (
    <div className="grid justify-items-center gap-2 rounded-lg border border-border border-dashed px-4 py-10 text-center">
      <Lock aria-hidden className="size-6 text-faint" />
      <h1 className="font-medium text-sm">Your role does not include {what}.</h1>
      <p className="max-w-md text-muted">An owner or admin of the organization can give you another role under Settings, Members.</p>
    </div>
  );
}
