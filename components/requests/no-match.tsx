import { SearchX } from "lucide-react";
import { Button } from "@/components/ui/button.tsx";
import { EmptyState } from "@/components/ui/empty-state.tsx";

export function NoMatch({ onClear }: { onClear: () => void }) {
  return (
    <EmptyState icon={<SearchX />} title="No request matches" actions={<Button onClick={onClear}>Clear filters and search</Button>}>
      Nothing in this range fits all filters. Take one off, or widen the time range.
    </EmptyState>
  );
}
