import { existsSync } from "node:fs";
import { run } from "./child.ts";
import { progress } from "./progress.ts";

const known = ["/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome", "/usr/bin/google-chrome-stable"];

/** Path of a Chromium or Chrome: CHROME_PATH, an installed one, or null. */
export function findChromium(): string | null {
  const named = process.env.CHROME_PATH;
  if (named) {
    if (!existsSync(named)) throw new Error(`CHROME_PATH=${named} does not exist.`);
    return named;
  }
  return known.find((path) => existsSync(path)) ?? null;
}

/** Installs Debian's Chromium when no browser is there; as root, or with sudo where it asks for no password. */
export async function ensureChromium(): Promise<string> {
  const found = findChromium();
  if (found) return found;
  progress("Installing Chromium (apt-get), once …");
  const asRoot = process.getuid?.() === 0 ? [] : ["sudo", "-n"];
  const apt = async (...args: string[]) => {
    const [file = "apt-get", ...rest] = [...asRoot, "apt-get", ...args];
    await run(file, rest, { env: { DEBIAN_FRONTEND: "noninteractive" }, onLine: () => {} });
  };
  try {
    await apt("update", "-qq");
    await apt("install", "-y", "-qq", "--no-install-recommends", "chromium", "fonts-dejavu-core");
  } catch (cause) {
    throw new Error("No Chromium found and none could be installed: install Chromium or Chrome, or set CHROME_PATH to one.", { cause });
  }
  const installed = findChromium();
  if (!installed) throw new Error("apt-get installed chromium, yet none is found: set CHROME_PATH.");
  return installed;
}
