import { execFileSync } from "node:child_process";
import { chownSync, statSync } from "node:fs";
import { dirname } from "node:path";

/**
 * How to start a Postgres binary from the current account. Postgres refuses to run as root; as root we run it as the
 * system account `postgres`, created when absent.
 */
export type RunAs = { uid?: number; gid?: number; wrap(command: string, args: string[]): [string, string[]] };

function lookUp(): { uid: number; gid: number } | null {
  try {
    const id = (flag: string) => Number(execFileSync("id", [flag, "postgres"], { encoding: "utf8", stdio: ["ignore", "pipe", "ignore"] }));
    return { uid: id("-u"), gid: id("-g") };
  } catch {
    return null;
  }
}

function ensureAccount(): { uid: number; gid: number } {
  const known = lookUp();
  if (known) return known;
  execFileSync("groupadd", ["--system", "postgres"], { stdio: "ignore" });
  execFileSync("useradd", ["--system", "--gid", "postgres", "--no-create-home", "--shell", "/usr/sbin/nologin", "postgres"], {
    stdio: "ignore",
  });
  const created = lookUp();
  if (!created) throw new Error("Could not create the system account `postgres` that Postgres runs as when started by root.");
  return created;
}

/** Whether an account other than the owner can walk down to `path`. */
export function isReachable(path: string): boolean {
  for (let at = path; ; at = dirname(at)) {
    if ((statSync(at).mode & 0o001) === 0) return false;
    if (at === dirname(at)) return true;
  }
}

/**
 * The account for Postgres. A checkout in a private home (`/root`, mode 0700) cannot be walked by `postgres`: then the
 * process keeps CAP_DAC_OVERRIDE through setpriv (part of util-linux) instead of us loosening the home's permissions.
 */
export function postgresAccount(paths: string[]): RunAs {
  if (process.getuid?.() !== 0) return { wrap: (command, args) => [command, args] };
  const account = ensureAccount();
  if (paths.every(isReachable)) return { ...account, wrap: (command, args) => [command, args] };
  const setpriv = [
    `--reuid=${account.uid}`,
    `--regid=${account.gid}`,
    "--clear-groups",
    "--inh-caps=+dac_override",
    "--ambient-caps=+dac_override",
  ];
  return { wrap: (command, args) => ["setpriv", [...setpriv, command, ...args]] };
}

/** Gives a directory to the account when we are root; the owner must match or Postgres refuses the data directory. */
export function giveToPostgres(path: string): void {
  if (process.getuid?.() !== 0) return;
  const account = ensureAccount();
  chownSync(path, account.uid, account.gid);
}
