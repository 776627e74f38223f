/** A seeded stream of numbers in [0, 1): the same seed gives the same demo history on every machine (mulberry32, Tommy Ettinger, public domain). */
export function randomFrom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  };
}

/** A positive number with this median whose logarithm is normal with this spread (Box–Muller): token counts and latencies look like that. */
export function logNormal(random: () => number, median: number, spread: number): number {
  const normal = Math.sqrt(-2 * Math.log(1 - random())) * Math.cos(2 * Math.PI * random());
  return median * Math.exp(spread * normal);
}

/** One of the choices, each as likely as its weight. */
export function pick<Choice extends { weight: number }>(random: () => number, choices: readonly Choice[]): Choice {
  let rest = random() * choices.reduce((sum, choice) => sum + choice.weight, 0);
  for (const choice of choices) {
    rest -= choice.weight;
    if (rest < 0) return choice;
  }
  const last = choices.at(-1);
  if (!last) throw new Error("nothing to pick from");
  return last;
}
