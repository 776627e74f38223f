"use client";
import { useId } from "react";
import { cn } from "@/components/ui/cn.ts";
import { type ChartData, describeBucket, largestValue, niceScale, tickIndexes } from "@/lib/core/chart.ts";
import { ChartTooltip } from "./chart-tooltip.tsx";
import { type ChartKind, PlotShapes } from "./plot-shapes.tsx";
import { type ChartSelection, useChartCursor } from "./use-chart-cursor.ts";

type TimeSeriesChartProps = {
  data: ChartData;
  kind: ChartKind;
  /** Names the picture for a reader who cannot see it: "Cost per day by model". */
  label: string;
  totalLabel: string;
  formatAxis: (coordinate: number) => string;
  /** Series shown alone, by key. */
  isolated?: string | null;
  onZoom?: (selection: ChartSelection) => void;
  className?: string;
};

/** Parts of a whole over time, or rates as lines. Server and browser draw the same picture; nothing moves when scripts arrive. */
export function TimeSeriesChart({ data, kind, label, totalLabel, formatAxis, isolated = null, onZoom, className }: TimeSeriesChartProps) {
  const hintId = useId();
  const length = data.buckets.length;
  const cursor = useChartCursor(length, onZoom);
  const shown = isolated === null ? data : { ...data, series: data.series.filter((series) => series.key === isolated), compare: null };
  const scale = niceScale(largestValue(kind === "lines" ? data : shown, kind !== "lines"));
  const ticks = new Set(tickIndexes(length, 8));
  const { index, selection } = cursor;
  return (
    <div className={cn("grid grid-cols-[auto_minmax(0,1fr)] gap-x-2", className)}>
      <div aria-hidden className="relative grid h-64 min-w-10 text-end text-muted text-xs">
        {/* The widest label takes the room; the visible ones hang at their heights. */}
        {scale.ticks.map((tick) => (
          <span key={tick} className="figures invisible col-start-1 row-start-1 h-0">
            {formatAxis(tick)}
          </span>
        ))}
        {scale.ticks.map((tick) => (
          <span
            key={tick}
            data-axis
            className="figures absolute end-0 translate-y-1/2 whitespace-nowrap"
            style={{ bottom: `${(100 * tick) / scale.max}%` }}
          >
            {formatAxis(tick)}
          </span>
        ))}
      </div>
      {/* biome-ignore lint/a11y/useSemanticElements: a fieldset would announce a form where there is a picture */}
      <div
        role="group"
        aria-roledescription="chart"
        aria-label={label}
        aria-describedby={hintId}
        // biome-ignore lint/a11y/noNoninteractiveTabindex: the arrow keys walk through the buckets and need the focus here
        tabIndex={0}
        className={cn("relative h-64 touch-pan-y select-none rounded-sm", onZoom && "cursor-crosshair")}
        {...cursor.handlers}
      >
        <PlotShapes data={data} kind={kind} scale={scale} isolated={isolated} />
        {kind !== "lines" && data.openIndex >= 0 ? <Hatch index={data.openIndex} length={length} /> : null}
        {selection && selection.to > selection.from ? <Band from={selection.from} to={selection.to} length={length} strong /> : null}
        {index !== null ? <Band from={index} to={index} length={length} /> : null}
        {index !== null ? (
          <div
            className={cn(
              "pointer-events-none absolute top-1 z-20 w-max min-w-52 max-w-80 rounded-lg bg-raised p-2.5 shadow-float max-sm:inset-x-0 max-sm:top-full max-sm:mt-1 max-sm:w-auto max-sm:max-w-none",
            )}
            style={
              index < length / 2
                ? { insetInlineStart: percent(index + 1, length, 8) }
                : { insetInlineEnd: percent(length - index, length, 8) }
            }
          >
            <ChartTooltip data={shown} index={index} totalLabel={totalLabel} />
          </div>
        ) : null}
        <p id={hintId} className="sr-only">
          Arrow keys move through {length} buckets.{onZoom ? " Shift marks a piece, Enter zooms in." : ""}
        </p>
        <p aria-live="polite" className="sr-only">
          {index !== null && cursor.byKeyboard ? describeBucket(shown, index) : ""}
        </p>
      </div>
      <div aria-hidden className="relative col-start-2 mt-1.5 h-4 text-muted text-xs">
        {data.buckets.map((bucket, at) =>
          ticks.has(at) ? (
            <span
              key={bucket.start}
              data-axis
              className={cn(
                "figures absolute whitespace-nowrap",
                at > 0 && "-translate-x-1/2 rtl:translate-x-1/2",
                isOddTick(at, ticks) && "max-md:hidden",
              )}
              style={{ insetInlineStart: at === 0 ? 0 : `${(100 * (at + 0.5)) / length}%` }}
            >
              {bucket.tick}
            </span>
          ) : null,
        )}
      </div>
    </div>
  );
}

/** Stripes over the bucket that is still filling. */
function Hatch({ index, length }: { index: number; length: number }) {
  return (
    <div
      aria-hidden
      data-open
      className="pointer-events-none absolute inset-y-0 bg-[repeating-linear-gradient(135deg,transparent_0_3px,var(--background)_3px_5px)] opacity-75"
      style={{ insetInlineStart: percent(index, length), width: percent(1, length) }}
    />
  );
}

function Band({ from, to, length, strong = false }: { from: number; to: number; length: number; strong?: boolean }) {
  return (
    <div
      aria-hidden
      className={cn("pointer-events-none absolute inset-y-0", strong ? "bg-accent/15" : "bg-ink/8")}
      style={{ insetInlineStart: percent(from, length), width: percent(to - from + 1, length) }}
    />
  );
}

function isOddTick(at: number, ticks: ReadonlySet<number>): boolean {
  return [...ticks].indexOf(at) % 2 === 1;
}

function percent(part: number, length: number, pixels = 0): string {
  const share = `${(100 * part) / length}%`;
  return pixels ? `calc(${share} + ${pixels}px)` : share;
}
