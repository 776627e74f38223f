/**
 * One colour per entity on every page. Colours are dealt over the organization's roster of a dimension (its most used entities), not
 * over what happens to be in a picture: the first eight get the eight plain hues, which survive colour blindness, the next eight the
 * same hues mixed with the text colour. Within its eight a key prefers the slot it hashes to, so that newcomers move few others.
 */

const HUES = 8;
const SLOTS = HUES * 2;

export const OTHER_COLOR = "var(--chart-other)";

function slotColor(slot: number): string {
  const hue = `var(--chart-${(slot % HUES) + 1})`;
  return slot < HUES ? hue : `color-mix(in oklab, ${hue} 62%, var(--ink))`;
}

/** FNV-1a, 32 bit, with a final mix: keys that differ in their last letter must not be neighbours. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) value = Math.imul(value ^ text.charCodeAt(index), 0x01000193);
  value = Math.imul(value ^ (value >>> 15), 0x2c1b3c6d);
  return (value ^ (value >>> 13)) >>> 0;
}

/**
 * Colours for the entities of one picture, most important first. `roster` are the organization's entities, most used first; who is not
 * on it takes a slot that the picture leaves free.
 */
export function assignColors(keys: readonly string[], roster: readonly string[]): ReadonlyMap<string, string> {
  const slots = new Map<string, number>();
  deal(roster.slice(0, HUES), slots, 0);
  deal(roster.slice(HUES, SLOTS), slots, HUES);
  const shown = new Map(keys.filter((key) => slots.has(key)).map((key) => [key, slots.get(key) ?? 0]));
  const taken = new Set(shown.values());
  for (const key of keys) {
    if (shown.has(key)) continue;
    let slot = hash(key) % HUES;
    for (let step = 0; taken.has(slot) && step < SLOTS; step += 1) slot = (slot + 1) % SLOTS;
    taken.add(slot);
    shown.set(key, slot);
  }
  return new Map([...shown].map(([key, slot]) => [key, slotColor(slot)]));
}

/** Eight keys onto eight slots, in an order that depends on the keys and not on their rank. */
function deal(keys: readonly string[], slots: Map<string, number>, base: number): void {
  const taken = new Set<number>();
  for (const key of [...keys].sort((a, b) => hash(a) - hash(b) || (a < b ? -1 : 1))) {
    let slot = hash(key) % HUES;
    while (taken.has(slot)) slot = (slot + 1) % HUES;
    taken.add(slot);
    slots.set(key, base + slot);
  }
}
