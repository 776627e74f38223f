/** Places for what takes long: at most `total` at once, `perCaller` of one caller. */
export function createSlots(total: number, perCaller: number): { take(caller: string): (() => void) | null } {
  const taken = new Map<string, number>();
  let all = 0;
  return {
    /** Null when there is no place; else gives the place back, once. */
    take(caller) {
      const own = taken.get(caller) ?? 0;
      if (all >= total || own >= perCaller) return null;
      all += 1;
      taken.set(caller, own + 1);
      let isHeld = true;
      return () => {
        if (!isHeld) return;
        isHeld = false;
        all -= 1;
        const left = (taken.get(caller) ?? 1) - 1;
        if (left > 0) taken.set(caller, left);
        else taken.delete(caller);
      };
    },
  };
}
