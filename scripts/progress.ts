const started = performance.now();

/** Says on stderr what is being done and how long the command has been running; stdout stays free for results. */
export function progress(line: string): void {
  const seconds = ((performance.now() - started) / 1000).toFixed(1).padStart(6);
  process.stderr.write(`${seconds} s  ${line}\n`);
}
