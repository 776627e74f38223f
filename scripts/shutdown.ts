/**
 * Runs the given steps once, last first, when the process is asked to stop (Ctrl-C, SIGTERM, a parent that died) or when `stopAll` is called.
 * A Ctrl-C more than a second after the first leaves at once (a terminal and npm both deliver the first one).
 */
export class Shutdown {
  readonly #steps: Array<() => Promise<void>> = [];
  #stopping: Promise<void> | null = null;
  #since = 0;

  constructor() {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => {
        if (this.#stopping && signal === "SIGINT" && performance.now() - this.#since > 1_000) process.exit(130);
        void this.stopAll().then(() => process.exit(0));
      });
    }
    process.on("disconnect", () => void this.stopAll().then(() => process.exit(1)));
  }

  get isStopping(): boolean {
    return this.#stopping !== null;
  }

  /** Remembers how to undo what has just been started. */
  add(step: () => Promise<void>): void {
    this.#steps.push(step);
  }

  /** Stops everything, in the reverse order of its start; a failing step does not keep the others from running. */
  stopAll(): Promise<void> {
    this.#stopping ??= (async () => {
      this.#since = performance.now();
      for (const step of this.#steps.toReversed()) await step().catch((error: unknown) => process.stderr.write(`${String(error)}\n`));
    })();
    return this.#stopping;
  }
}
