import { Lock } from "lucide-react";
import { EmptyState } from "@/components/ui/empty-state.tsx";

/** What a member whose role may not read usage sees instead of a page of numbers. */
export function NoUsagePermission({ page }: { page: string }) {
  return (
    <EmptyState icon={<Lock />} title={`Your role does not include ${page}`}>
      It shows usage and cost. Ask an owner or administrator of this organization for a role that may read usage.
    </EmptyState>
  );
}
