/**
 * Runs the given steps once, last first, when the process is asked to stop (Ctrl-C, SIGTERM, a parent that died) or when `stopAll` is called.
 * A second Ctrl-C leaves at once.
 */
export class Shutdown {
  readonly #steps: Array<() => Promise<void>> = [];
  #stopping: Promise<void> | null = null;

  constructor() {
    for (const signal of ["SIGINT", "SIGTERM", "SIGHUP"] as const) {
      process.on(signal, () => {
        if (this.#stopping && signal === "SIGINT") process.exit(130);
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
      for (const step of this.#steps.toReversed()) await step().catch((error: unknown) => process.stderr.write(`${String(error)}\n`));
    })();
    return this.#stopping;
  }
}
