import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { identify, isSameProcess, type ProcessIdentity } from "./process-identity.ts";

/** Remembers our child processes on disk: kill -9 of the stack leaves them running, and the next start ends them. */
export class ChildRegistry {
  readonly #file: string;
  readonly #children = new Map<number, ProcessIdentity>();

  constructor(dataDir: string) {
    this.#file = join(dataDir, "children.json");
    for (const orphan of this.#read()) if (isSameProcess(orphan)) process.kill(orphan.pid, "SIGKILL");
    rmSync(this.#file, { force: true });
  }

  add(pid: number): void {
    this.#children.set(pid, identify(pid));
    this.#write();
  }

  remove(pid: number): void {
    this.#children.delete(pid);
    this.#write();
  }

  #read(): ProcessIdentity[] {
    try {
      return JSON.parse(readFileSync(this.#file, "utf8")) as ProcessIdentity[];
    } catch {
      return [];
    }
  }

  #write(): void {
    writeFileSync(this.#file, JSON.stringify([...this.#children.values()]));
  }
}
