/**
 * One colour per entity on every page: its key hashes to one of sixteen slots (eight hues that survive colour blindness, each plain
 * and mixed with the text colour, which keeps the contrast in both themes). Two entities of one picture never share a colour: the
 * one whose hash comes later moves on, and that depends on who is in the picture, not on who is larger.
 */

const HUES = 8;
const SLOTS = HUES * 2;

export const OTHER_COLOR = "var(--chart-other)";

export function slotColor(slot: number): string {
  const hue = `var(--chart-${(slot % HUES) + 1})`;
  return slot < HUES ? hue : `color-mix(in oklab, ${hue} 58%, var(--ink))`;
}

/** FNV-1a, 32 bit. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value ^= text.charCodeAt(index);
    value = Math.imul(value, 0x01000193);
  }
  // A final mix: short keys that differ in the last letter must not be neighbours.
  value ^= value >>> 15;
  value = Math.imul(value, 0x2c1b3c6d);
  return (value ^ (value >>> 13)) >>> 0;
}

/** Colours for the entities of one picture. */
export function assignColors(keys: readonly string[]): ReadonlyMap<string, string> {
  const taken = new Set<number>();
  const colors = new Map<string, string>();
  for (const key of [...keys].sort((a, b) => hash(a) - hash(b) || (a < b ? -1 : 1))) {
    // Plain hues first; the mixed ones serve only when a hue is taken.
    let slot = hash(key) % HUES;
    if (taken.has(slot)) slot += HUES;
    while (taken.has(slot) && taken.size < SLOTS) slot = (slot + 1) % SLOTS;
    taken.add(slot);
    colors.set(key, slotColor(slot));
  }
  return colors;
}
