"use client";
import { SegmentedControl } from "@/components/ui/segmented-control.tsx";
import { Select } from "@/components/ui/select.tsx";
import { DIMENSION_LABELS, type Dimension } from "@/lib/usage/dimensions.ts";

type DimensionSwitchProps = { dimensions: readonly Dimension[]; value: Dimension; onChange: (dimension: Dimension) => void };

/** What a picture is split by: all choices in sight where there is room, a list on a phone. */
export function DimensionSwitch({ dimensions, value, onChange }: DimensionSwitchProps) {
  const options = dimensions.map((dimension) => ({ value: dimension, label: DIMENSION_LABELS[dimension].one }));
  return (
    <>
      <SegmentedControl
        aria-label="Split by"
        className="max-md:hidden"
        options={options}
        value={value}
        onValueChange={(next) => onChange(next as Dimension)}
      />
      <div className="w-40 md:hidden">
        <Select aria-label="Split by" options={options} value={value} onValueChange={(next) => onChange(next as Dimension)} />
      </div>
    </>
  );
}
