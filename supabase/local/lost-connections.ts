/**
 * postgres.js writes to a socket that is null, outside of any promise, when a connection breaks during `sql.begin`: its own
 * rollback goes there. The transaction has been rejected by then, so the stray exception says nothing new. Every other
 * exception ends the process as it would without this.
 */
export function surviveLostConnections(log: (line: string) => void): void {
  process.on("uncaughtException", (error) => {
    if (error instanceof TypeError && /at \w+\.nextWrite .*postgres/.test(error.stack ?? "")) return;
    log(error.stack ?? String(error));
    process.exit(1);
  });
}
