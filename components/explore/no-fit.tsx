import { Button } from "@/components/ui/button.tsx";

/** Filters that nothing passes: the way back. */
export function NoFit({ onClear }: { onClear: () => void }) {
  return (
    <div className="grid justify-items-center gap-3 rounded-lg border border-border border-dashed px-4 py-10 text-center">
      <p className="font-medium">Nothing fits all filters</p>
      <Button onClick={onClear}>Clear filters</Button>
    </div>
  );
}
