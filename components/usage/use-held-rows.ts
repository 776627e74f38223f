"use client";
import { useState } from "react";

type Identified = { id: string };

/**
 * Live rows that hold still while they are being read. While `isHeld`, what arrives is counted and kept back; letting go, or
 * `release`, shows it.
 */
export function useHeldRows<T extends Identified>(
  rows: readonly T[],
  isHeld: boolean,
): { shown: readonly T[]; fresh: number; release: () => void } {
  const [held, setHeld] = useState<readonly T[] | null>(null);
  if (isHeld && held === null && rows.length > 0) setHeld(rows);
  if (!isHeld && held !== null) setHeld(null);
  const shown = isHeld && held !== null ? held : rows;
  const known = new Set(shown.map((row) => row.id));
  return { shown, fresh: rows.filter((row) => !known.has(row.id)).length, release: () => setHeld(rows) };
}
