"use client";
import { Select } from "@/components/ui/select.tsx";
import { Switch } from "@/components/ui/switch.tsx";
import { DIMENSION_LABELS, DIMENSIONS, type Dimension } from "@/lib/usage/dimensions.ts";
import { isAdditive, MEASURE_INFO, MEASURES, type Measure } from "@/lib/usage/measures.ts";
import { EXPLORE_ROWS, type ExploreState } from "./explore-state.ts";

/** Which measure, by what: up to three dimensions, the second and third inside the first. */
export function ExploreQuestion({ state, onState }: { state: ExploreState; onState: (change: Partial<ExploreState>) => void }) {
  const { meaning } = MEASURE_INFO[state.measure];
  return (
    <div className="flex flex-wrap items-center gap-2 text-sm">
      <div className="w-48">
        <Select
          aria-label="Measure"
          options={MEASURES.map((measure) => ({ value: measure, label: MEASURE_INFO[measure].label }))}
          value={state.measure}
          onValueChange={(value) => onState({ measure: value as Measure })}
        />
      </div>
      <span className="text-muted">by</span>
      <div className="w-40">
        <Select
          aria-label="Dimension"
          options={DIMENSIONS.map((dimension) => ({ value: dimension, label: DIMENSION_LABELS[dimension].one }))}
          value={state.dimension}
          onValueChange={(value) => onState({ dimension: value as Dimension, rows: EXPLORE_ROWS })}
        />
      </div>
      {[0, 1].slice(0, state.inner.length + 1).map((place) => (
        <Then key={place} place={place} state={state} onState={onState} />
      ))}
      {isAdditive(state.measure) ? (
        <label className="inline-flex min-h-8 items-center gap-2 text-muted" htmlFor="average">
          <Switch id="average" checked={state.isAveraged} onCheckedChange={(isAveraged) => onState({ isAveraged })} />
          Average of 7
        </label>
      ) : null}
      {meaning ? <p className="basis-full text-muted text-xs">{meaning}</p> : null}
    </div>
  );
}

const NOTHING_MORE = "none";

function Then({ place, state, onState }: { place: number; state: ExploreState; onState: (change: Partial<ExploreState>) => void }) {
  const taken = [state.dimension, ...state.inner.slice(0, place)];
  const free = DIMENSIONS.filter((dimension) => !taken.includes(dimension));
  return (
    <>
      <span className="text-muted">then</span>
      <div className="w-36">
        <Select
          aria-label={place === 0 ? "Second dimension" : "Third dimension"}
          options={[
            { value: NOTHING_MORE, label: "–" },
            ...free.map((dimension) => ({ value: dimension, label: DIMENSION_LABELS[dimension].one })),
          ]}
          value={state.inner[place] ?? NOTHING_MORE}
          onValueChange={(value) => {
            const kept = state.inner.slice(0, place);
            onState({
              inner:
                value === NOTHING_MORE
                  ? kept
                  : [...kept, value as Dimension, ...state.inner.slice(place + 1).filter((each) => each !== value)],
            });
          }}
        />
      </div>
    </>
  );
}
