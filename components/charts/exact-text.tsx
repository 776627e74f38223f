import { cn } from "@/components/ui/cn.ts";

/** An exact decimal that can be read at a glance: what lies beyond the cents is there, but quieter. */
export function ExactText({ text, className }: { text: string; className?: string }) {
  const match = /^(.*?\d\.\d\d)(\d+)$/.exec(text);
  // Where the first two decimals are all zero the rest is the point, not the detail.
  if (!match || /[^\d.]*0\.00$/.test(match[1] ?? "")) return <span className={cn("figures", className)}>{text}</span>;
  return (
    <span className={cn("figures", className)}>
      {match[1]}
      <span className="opacity-70">{match[2]}</span>
    </span>
  );
}
