"use client";
import { type KeyboardEvent, type PointerEvent, useState } from "react";

export type ChartSelection = { from: number; to: number };

type Cursor = {
  /** Bucket under the pointer or reached by keyboard; null when none. */
  index: number | null;
  /** Buckets being marked, ends included. */
  selection: ChartSelection | null;
  /** Whether the last move came from the keyboard: only then is the bucket read aloud. */
  byKeyboard: boolean;
  handlers: {
    onPointerMove: (event: PointerEvent<HTMLElement>) => void;
    onPointerDown: (event: PointerEvent<HTMLElement>) => void;
    onPointerUp: (event: PointerEvent<HTMLElement>) => void;
    onPointerLeave: () => void;
    onKeyDown: (event: KeyboardEvent<HTMLElement>) => void;
    onBlur: () => void;
  };
};

/**
 * Where the reader is in a chart. Arrows step through buckets, Home and End jump, Shift marks a piece, Enter zooms into it (or into
 * the bucket), Esc lets go; a pointer marks by dragging.
 */
export function useChartCursor(length: number, onZoom?: (selection: ChartSelection) => void): Cursor {
  const [index, setIndex] = useState<number | null>(null);
  const [anchor, setAnchor] = useState<number | null>(null);
  const [byKeyboard, setByKeyboard] = useState(false);
  const place = index === null ? null : Math.min(index, length - 1);
  const selection = anchor === null || place === null ? null : { from: Math.min(anchor, place), to: Math.max(anchor, place) };

  function bucketAt(event: PointerEvent<HTMLElement>): number {
    const box = event.currentTarget.getBoundingClientRect();
    const isRtl = getComputedStyle(event.currentTarget).direction === "rtl";
    const ratio = (event.clientX - box.left) / box.width;
    return Math.max(0, Math.min(length - 1, Math.floor((isRtl ? 1 - ratio : ratio) * length)));
  }

  function letGo() {
    setIndex(null);
    setAnchor(null);
  }

  function onKeyDown(event: KeyboardEvent<HTMLElement>) {
    const last = length - 1;
    const isRtl = getComputedStyle(event.currentTarget).direction === "rtl";
    const forward = isRtl ? "ArrowLeft" : "ArrowRight";
    const steps: Record<string, number> = {
      [forward]: place === null ? 0 : place + 1,
      [isRtl ? "ArrowRight" : "ArrowLeft"]: place === null ? last : place - 1,
      Home: 0,
      End: last,
      PageUp: (place ?? last) - 7,
      PageDown: (place ?? 0) + 7,
    };
    const next = steps[event.key];
    if (next !== undefined) {
      event.preventDefault();
      setByKeyboard(true);
      if (onZoom && event.shiftKey) setAnchor(anchor ?? place ?? 0);
      else setAnchor(null);
      setIndex(Math.max(0, Math.min(last, next)));
    } else if (event.key === "Escape" && place !== null) {
      event.stopPropagation();
      letGo();
    } else if (event.key === "Enter" && place !== null && onZoom) {
      event.preventDefault();
      onZoom(selection ?? { from: place, to: place });
      letGo();
    }
  }

  return {
    index: place,
    selection,
    byKeyboard,
    handlers: {
      onPointerMove: (event) => {
        setByKeyboard(false);
        setIndex(bucketAt(event));
      },
      onPointerDown: (event) => {
        if (event.button !== 0 || event.pointerType === "touch") return setIndex(bucketAt(event));
        setIndex(bucketAt(event));
        if (!onZoom) return;
        event.currentTarget.setPointerCapture(event.pointerId);
        setAnchor(bucketAt(event));
      },
      onPointerUp: () => {
        if (selection && selection.to > selection.from) onZoom?.(selection);
        setAnchor(null);
      },
      onPointerLeave: () => {
        if (anchor === null) setIndex(null);
      },
      onKeyDown,
      onBlur: letGo,
    },
  };
}
