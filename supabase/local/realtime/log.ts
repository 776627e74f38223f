/** Tells what went wrong, with the error behind it. */
export type Log = (what: string, error: unknown) => void;

/** Lines for a log, without the stack: what fails here is mostly a policy, a frame or a connection, and its message says which. */
export function logLines(write: (line: string) => void): Log {
  return (what, error) => write(`realtime: ${what}: ${error instanceof Error ? error.message : String(error)}`);
}
