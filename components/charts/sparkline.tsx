import { cn } from "@/components/ui/cn.ts";

type SparklineProps = { values: readonly number[]; label: string; color?: string; className?: string };

/** A row of small bars without axes: the shape of the last minutes. The label says it in words. */
export function Sparkline({ values, label, color = "var(--chart-1)", className }: SparklineProps) {
  const max = Math.max(1e-12, ...values);
  return (
    <svg
      role="img"
      aria-label={label}
      viewBox={`0 0 ${Math.max(1, values.length)} 100`}
      preserveAspectRatio="none"
      className={cn("h-8 w-full rtl:-scale-x-100", className)}
    >
      <path
        d={values
          .map((value, index) =>
            value > 0 ? `M${index + 0.12} 100V${Math.round(1000 - (1000 * value) / max) / 10}H${index + 0.88}V100Z` : "",
          )
          .join("")}
        fill={color}
      />
      <line x1={0} x2={values.length} y1={100} y2={100} stroke="var(--border)" vectorEffect="non-scaling-stroke" />
    </svg>
  );
}
