"use client";
import { ChartColumn, Copy, Download, ImageDown, Table2 } from "lucide-react";
import { type ReactNode, useRef, useState } from "react";
import { Button } from "@/components/ui/button.tsx";
import { cn } from "@/components/ui/cn.ts";
import { saveCsv, saveFile } from "@/components/ui/download.ts";
import { toast } from "@/components/ui/toast.tsx";
import type { ChartData } from "@/lib/core/chart.ts";
import { chartCsv } from "./chart-csv.ts";
import { chartPicture } from "./chart-picture.ts";
import { ChartDataTable } from "./data-table.tsx";
import type { ChartKind } from "./plot-shapes.tsx";
import { TimeSeriesChart } from "./time-series-chart.tsx";
import type { ChartSelection } from "./use-chart-cursor.ts";

type ChartFrameProps = {
  data: ChartData;
  kind: ChartKind;
  label: string;
  totalLabel: string;
  fileName: string;
  formatAxis: (coordinate: number) => string;
  isolated: string | null;
  /** A newer answer is on its way: the old picture stays, dimmed. */
  isPending: boolean;
  onZoom?: (selection: ChartSelection) => void;
  /** What stands at the left of the chart's own buttons. */
  children?: ReactNode;
};

/** A chart with what every chart has: the same numbers as a table, and as CSV or picture to copy or keep. */
export function ChartFrame({ data, isPending, children, fileName, ...chart }: ChartFrameProps) {
  const [asTable, setAsTable] = useState(false);
  const drawing = useRef<HTMLDivElement>(null);

  async function copyCsv() {
    try {
      await navigator.clipboard.writeText(chartCsv(data, chart.totalLabel));
      toast({ title: "Copied as CSV" });
    } catch {
      toast({ title: "The browser did not allow copying. Download the CSV instead.", tone: "warning" });
    }
  }

  async function copyPicture() {
    const chartElement = drawing.current?.firstElementChild as HTMLElement;
    const compared = data.compare ? [{ label: `${data.compare.label} (dashed)`, color: "var(--ink)" }] : [];
    const picture = chartPicture(chartElement, chart.label, [...data.series, ...compared]);
    try {
      // The promise and not its result: Safari forgets the click while a picture is drawn.
      await navigator.clipboard.write([new ClipboardItem({ "image/png": picture })]);
      toast({ title: "Copied as PNG" });
    } catch {
      saveFile(`${fileName}.png`, await picture);
      toast({ title: "The browser did not allow copying, so the picture was downloaded." });
    }
  }

  return (
    <div>
      <div className="mb-3 flex flex-wrap items-center gap-2">
        <div className="min-w-0 flex-1">{children}</div>
        <div className="flex items-center gap-0.5 text-muted" data-print="hidden">
          <Button
            variant="ghost"
            size="icon-sm"
            aria-pressed={asTable}
            aria-label={asTable ? "View as chart" : "View as table"}
            onClick={() => setAsTable(!asTable)}
          >
            {asTable ? <ChartColumn aria-hidden /> : <Table2 aria-hidden />}
          </Button>
          <Button variant="ghost" size="icon-sm" aria-label="Copy as PNG" disabled={asTable} onClick={copyPicture}>
            <ImageDown aria-hidden />
          </Button>
          <Button variant="ghost" size="icon-sm" aria-label="Copy CSV" onClick={copyCsv}>
            <Copy aria-hidden />
          </Button>
          <Button
            variant="ghost"
            size="icon-sm"
            aria-label="Download CSV"
            onClick={() => saveCsv(`${fileName}.csv`, chartCsv(data, chart.totalLabel))}
          >
            <Download aria-hidden />
          </Button>
        </div>
      </div>
      <div ref={drawing} aria-busy={isPending} className={cn("transition-opacity", isPending && "opacity-50")}>
        {asTable ? (
          <ChartDataTable data={data} label={chart.label} totalLabel={chart.totalLabel} />
        ) : (
          <TimeSeriesChart data={data} {...chart} />
        )}
      </div>
    </div>
  );
}
