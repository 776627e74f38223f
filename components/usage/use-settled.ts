"use client";
import { useState } from "react";

/** The last value that was complete: while a newer one is pending, the picture of the old one stays whole. */
export function useSettled<T>(value: T, isPending: boolean): T {
  const [settled, setSettled] = useState(value);
  if (!isPending && settled !== value) setSettled(value);
  return isPending ? settled : value;
}
