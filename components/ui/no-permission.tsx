import { Lock } from "lucide-react";
import { EmptyState } from "./empty-state.tsx";

/** The role does not reach this page: says so, and who can change that. */
export function NoPermission({ what }: { what: string }) {
  return (
    <EmptyState icon={<Lock />} title={`Your role does not include ${what}.`}>
      An owner or admin of the organization can give you another role under Settings, Members.
    </EmptyState>
  );
}
