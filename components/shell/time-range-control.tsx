"use client";
import { CalendarRange, ChevronDown, ChevronLeft, ChevronRight } from "lucide-react";
import { type ReactNode, useId, useState } from "react";
import { Button } from "@/components/ui/button.tsx";
import { cn } from "@/components/ui/cn.ts";
import { Input } from "@/components/ui/input.tsx";
import { Popover, PopoverContent, PopoverTrigger } from "@/components/ui/popover.tsx";
import { Switch } from "@/components/ui/switch.tsx";
import { Tooltip } from "@/components/ui/tooltip.tsx";
import { formatOffset, inZone } from "@/lib/core/time.ts";
import { describeRange, RANGE_LABELS, RANGE_PRESETS, type RangeChoice, stepRange, type TimeRange } from "@/lib/core/time-range.ts";
import { useOrganization } from "@/lib/orgs/hooks.ts";
import { useTimeRange } from "@/lib/usage/hooks.ts";
import { useShortcut } from "./shortcuts.ts";

/** The one time range of all pages: preset or dates, the compared period, the zone; kept in the URL. `[` and `]` step it. */
export function TimeRangeControl() {
  const [openedAt] = useState(() => new Date().toISOString());
  const { organization } = useOrganization();
  const { choice, range, setChoice } = useTimeRange(openedAt, organization.time_zone);
  const [open, setOpen] = useState(false);
  const earlier = stepRange(range, -1, new Date().toISOString());
  const later = stepRange(range, 1, new Date().toISOString());
  useShortcut("[", "Earlier time range", () => earlier && setChoice(earlier));
  useShortcut("]", "Later time range", () => later && setChoice(later));
  const label = choice.preset === "custom" ? describeRange(range) : RANGE_LABELS[choice.preset];
  return (
    <div className="inline-flex h-8 items-stretch rounded-md border border-control/60 bg-raised" data-time-range>
      <StepButton label="Earlier" keys="[" onClick={() => earlier && setChoice(earlier)} disabled={!earlier}>
        <ChevronLeft aria-hidden className="rtl:-scale-x-100" />
      </StepButton>
      <Popover open={open} onOpenChange={setOpen}>
        <PopoverTrigger asChild>
          <button
            type="button"
            suppressHydrationWarning
            aria-label={`Time range: ${label}, ${describeRange(range)}, ${range.timeZone}${range.compare ? ", compared with the period before" : ""}`}
            className="inline-flex items-center gap-1.5 whitespace-nowrap border-border border-x px-2 text-sm hover:bg-hover"
          >
            <CalendarRange aria-hidden className="size-4 text-muted" />
            <span>{label}</span>
            {choice.preset === "custom" ? null : (
              <span className="figures hidden text-muted xl:inline" suppressHydrationWarning>
                {describeRange(range)}
              </span>
            )}
            <ChevronDown aria-hidden className="size-3.5 text-muted" />
          </button>
        </PopoverTrigger>
        <PopoverContent align="end" className="w-80" aria-label="Time range">
          <RangeForm
            choice={choice}
            range={range}
            onChoose={(next) => {
              setChoice(next);
              setOpen(false);
            }}
            onChange={setChoice}
          />
        </PopoverContent>
      </Popover>
      <StepButton label="Later" keys="]" onClick={() => later && setChoice(later)} disabled={!later}>
        <ChevronRight aria-hidden className="rtl:-scale-x-100" />
      </StepButton>
    </div>
  );
}

function StepButton({
  label,
  keys,
  children,
  ...props
}: {
  label: string;
  keys: string;
  onClick: () => void;
  disabled: boolean;
  children: ReactNode;
}) {
  return (
    <Tooltip content={`${label} (${keys})`} side="bottom">
      <button
        type="button"
        aria-label={`${label} time range`}
        aria-keyshortcuts={keys}
        className="grid w-7 place-items-center text-muted hover:bg-hover hover:text-ink disabled:opacity-40 [&_svg]:size-4"
        {...props}
      >
        {children}
      </button>
    </Tooltip>
  );
}

type RangeFormProps = {
  choice: RangeChoice;
  range: TimeRange;
  onChoose: (choice: RangeChoice) => void;
  onChange: (choice: RangeChoice) => void;
};

function RangeForm({ choice, range, onChoose, onChange }: RangeFormProps) {
  const id = useId();
  const lastDay = inZone(range.to, range.timeZone).subtract({ minutes: 1 }).toPlainDate().toString();
  const [from, setFrom] = useState(inZone(range.from, range.timeZone).toPlainDate().toString());
  const [to, setTo] = useState(lastDay);
  const isWrong = from > to || !from || !to;
  return (
    <div className="grid gap-3">
      <div className="grid grid-cols-2 gap-1">
        {RANGE_PRESETS.filter((preset) => preset !== "custom").map((preset) => (
          <button
            key={preset}
            type="button"
            aria-pressed={choice.preset === preset}
            onClick={() => onChoose({ ...choice, preset, from: null, to: null, grain: null })}
            className={cn("h-8 rounded-md px-2 text-start text-sm hover:bg-hover", choice.preset === preset && "bg-selected font-medium")}
          >
            {RANGE_LABELS[preset]}
          </button>
        ))}
      </div>
      <form
        className="grid gap-2 border-border border-t pt-3"
        onSubmit={(event) => {
          event.preventDefault();
          if (!isWrong) onChoose({ ...choice, preset: "custom", from, to, grain: null });
        }}
      >
        <div className="grid grid-cols-2 gap-2">
          <label className="grid gap-1 text-muted text-xs" htmlFor={`${id}-from`}>
            From
            <Input
              id={`${id}-from`}
              type="date"
              value={from}
              min="2000-01-01"
              max="2100-12-31"
              onChange={(event) => setFrom(event.target.value)}
            />
          </label>
          <label className="grid gap-1 text-muted text-xs" htmlFor={`${id}-to`}>
            To, included
            <Input
              id={`${id}-to`}
              type="date"
              value={to}
              min="2000-01-01"
              max="2100-12-31"
              onChange={(event) => setTo(event.target.value)}
            />
          </label>
        </div>
        {isWrong ? (
          <p role="alert" className="text-critical text-xs">
            The first day has to come before the last.
          </p>
        ) : null}
        <Button type="submit" disabled={isWrong}>
          Show these days
        </Button>
      </form>
      <div className="flex items-center justify-between gap-3 border-border border-t pt-3">
        <label htmlFor={`${id}-compare`} className="text-sm">
          Compare with the period before
        </label>
        <Switch
          id={`${id}-compare`}
          checked={choice.compare === "previous"}
          onCheckedChange={(on) => onChange({ ...choice, compare: on ? "previous" : "none" })}
        />
      </div>
      <p className="text-muted text-xs">
        Days begin at midnight in {range.timeZone} ({formatOffset(range.to, range.timeZone)}), the organization's zone.
      </p>
    </div>
  );
}
