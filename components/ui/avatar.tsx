import { cn } from "./cn.ts";

const hues = [268, 45, 185, 350, 100, 230, 310, 145];

/** First letters of the first two words, counted in graphemes so that emoji and combined letters stay whole. */
export function initials(name: string): string {
  const segments = new Intl.Segmenter(undefined, { granularity: "grapheme" });
  const words = name
    .trim()
    .split(/[\s@._-]+/u)
    .filter(Boolean);
  return words
    .slice(0, 2)
    .map((word) => [...segments.segment(word)][0]?.segment.toLocaleUpperCase() ?? "")
    .join("");
}

/** A face for a person (round) or an organization (square), coloured by its name. Decorative: the name stands beside it. */
export function Avatar({ name, square, className }: { name: string; square?: boolean; className?: string }) {
  let sum = 0;
  for (const character of name) sum = (sum * 31 + (character.codePointAt(0) ?? 0)) % 9973;
  const hue = hues[sum % hues.length] ?? 268;
  return (
    <span
      aria-hidden
      style={{
        background: `light-dark(oklch(0.91 0.05 ${hue}), oklch(0.36 0.07 ${hue}))`,
        color: `light-dark(oklch(0.36 0.11 ${hue}), oklch(0.9 0.06 ${hue}))`,
      }}
      className={cn(
        "grid size-6 shrink-0 select-none place-items-center overflow-hidden font-semibold text-xs tracking-tight leading-none",
        square ? "rounded-sm" : "rounded-full",
        className,
      )}
    >
      {initials(name) || "?"}
    </span>
  );
}
