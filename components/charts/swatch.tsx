import { cn } from "@/components/ui/cn.ts";

/** The colour of an entity beside its name. Decorative: the name says it. */
export function Swatch({ color, className }: { color: string; className?: string }) {
  return <span aria-hidden style={{ background: color }} className={cn("inline-block size-2.5 shrink-0 rounded-[3px]", className)} />;
}
