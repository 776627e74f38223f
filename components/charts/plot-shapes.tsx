import type { ChartData, ChartPoint, Scale } from "@/lib/core/chart.ts";

export type ChartKind = "bars" | "area" | "lines";

type ShapeProps = { data: ChartData; scale: Scale; isolated: string | null };

/**
 * The picture itself in a unit box: one unit of x per bucket, y from 0 (top) to 100. The SVG is stretched to whatever room there
 * is (strokes keep their width), so the server draws the same picture as the browser without knowing a single pixel.
 */
export function PlotShapes({ data, kind, scale, isolated }: ShapeProps & { kind: ChartKind }) {
  const columns = Math.max(1, data.buckets.length);
  return (
    <svg
      aria-hidden
      viewBox={`0 0 ${columns} 100`}
      preserveAspectRatio="none"
      className="absolute inset-0 size-full overflow-visible rtl:-scale-x-100"
    >
      {scale.ticks.map((tick) => (
        <line
          key={tick}
          x1={0}
          x2={columns}
          y1={y(tick, scale)}
          y2={y(tick, scale)}
          stroke="var(--border)"
          strokeWidth={1}
          vectorEffect="non-scaling-stroke"
          shapeRendering="crispEdges"
        />
      ))}
      {kind === "bars" ? <Bars data={data} scale={scale} isolated={isolated} /> : null}
      {kind === "area" ? <Areas data={data} scale={scale} isolated={isolated} /> : null}
      {kind === "lines" ? <Lines data={data} scale={scale} isolated={isolated} /> : null}
      {data.compare ? <CompareLine d={linePath(data.compare.points, scale)} /> : null}
      {data.average && isolated === null ? <AverageLine d={linePath(data.average.points, scale)} /> : null}
    </svg>
  );
}

/** A thin dashed line with a halo of background, so that it reads over any colour. */
function CompareLine({ d }: { d: string }) {
  return (
    <g fill="none" strokeLinecap="butt">
      <path d={d} stroke="var(--background)" strokeWidth={4} strokeOpacity={0.8} vectorEffect="non-scaling-stroke" />
      <path d={d} stroke="var(--ink)" strokeWidth={1.5} strokeDasharray="4 3" vectorEffect="non-scaling-stroke" />
    </g>
  );
}

/** A solid line with the same halo: apart from the compared period by its stroke, not by colour alone. */
function AverageLine({ d }: { d: string }) {
  return (
    <g fill="none" strokeLinejoin="round">
      <path d={d} stroke="var(--background)" strokeWidth={5} strokeOpacity={0.8} vectorEffect="non-scaling-stroke" />
      <path d={d} stroke="var(--ink)" strokeWidth={2.25} vectorEffect="non-scaling-stroke" />
    </g>
  );
}

function Bars({ data, scale, isolated }: ShapeProps) {
  const gap = data.buckets.length > 80 ? 0.04 : 0.12;
  const bases = new Array<number>(data.buckets.length).fill(0);
  return data.series.map((series) => {
    if (isolated !== null && series.key !== isolated) return null;
    const d = series.points
      .map((point, index) => {
        const value = Math.max(0, point.value ?? 0);
        if (value === 0) return "";
        const base = bases[index] ?? 0;
        bases[index] = base + value;
        return `M${index + gap} ${y(base, scale)}V${y(base + value, scale)}H${index + 1 - gap}V${y(base, scale)}Z`;
      })
      .join("");
    // A hairline of background between the parts keeps neighbours apart where their colours are close.
    return (
      <path
        key={series.key}
        d={d}
        fill={series.color}
        stroke="var(--background)"
        strokeWidth={data.buckets.length > 80 ? 0 : 0.75}
        vectorEffect="non-scaling-stroke"
      />
    );
  });
}

function Areas({ data, scale, isolated }: ShapeProps) {
  const bases = new Array<number>(data.buckets.length).fill(0);
  return data.series.map((series) => {
    if (isolated !== null && series.key !== isolated) return null;
    const lower = [...bases];
    const upper = series.points.map((point, index) => {
      bases[index] = (bases[index] ?? 0) + Math.max(0, point.value ?? 0);
      return bases[index] ?? 0;
    });
    const top = upper.map((value, index) => `${index === 0 ? "M" : "L"}${index + 0.5} ${y(value, scale)}`).join("");
    const back = lower
      .map((value, index) => `L${index + 0.5} ${y(value, scale)}`)
      .reverse()
      .join("");
    return (
      <path
        key={series.key}
        d={`${top}${back}Z`}
        fill={series.color}
        stroke="var(--background)"
        strokeWidth={0.5}
        vectorEffect="non-scaling-stroke"
      />
    );
  });
}

function Lines({ data, scale, isolated }: ShapeProps) {
  return data.series.map((series) => (
    <path
      key={series.key}
      d={linePath(series.points, scale)}
      fill="none"
      stroke={series.color}
      strokeWidth={isolated === series.key ? 2.5 : 1.75}
      strokeOpacity={isolated !== null && isolated !== series.key ? 0.15 : 1}
      strokeLinejoin="round"
      strokeLinecap="round"
      vectorEffect="non-scaling-stroke"
    />
  ));
}

/** A line through the middles of the buckets, interrupted where nothing was measured; a lone point becomes a short dash. */
function linePath(points: readonly (ChartPoint | null)[], scale: Scale): string {
  return points
    .map((point, index) => {
      if (point?.value === null || point === null || point === undefined) return "";
      const isStart = points[index - 1]?.value === null || points[index - 1]?.value === undefined;
      const isLone = isStart && (points[index + 1]?.value === null || points[index + 1]?.value === undefined);
      const at = y(point.value, scale);
      if (isLone) return `M${index + 0.3} ${at}H${index + 0.7}`;
      return `${isStart ? "M" : "L"}${index + 0.5} ${at}`;
    })
    .join("");
}

function y(value: number, scale: Scale): number {
  return Math.round((100 - (100 * value) / scale.max) * 1000) / 1000;
}
