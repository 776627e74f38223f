import { isAbsolute, join } from "node:path";
import { fileURLToPath } from "node:url";

/** The repository, wherever the command was called from. */
export const root = fileURLToPath(new URL("..", import.meta.url));

/** Where things listen and live; every one can be set from the environment so that several copies run side by side. */
export interface Places {
  port: number;
  stackPort: number;
  dbPort: number;
  dataDir: string;
  siteUrl: string;
}

function port(name: string, otherwise: number): number {
  const text = process.env[name];
  if (text === undefined || text === "") return otherwise;
  const value = Number(text);
  if (!Number.isInteger(value) || value < 1 || value > 65_535)
    throw new Error(`${name}=${text} is not a port: give a whole number from 1 to 65535.`);
  return value;
}

/** Reads PORT, TOKENTRA_STACK_PORT, TOKENTRA_DB_PORT, TOKENTRA_DATA_DIR and SITE_URL; throws naming the setting that is wrong. */
export function places(): Places {
  const own = port("PORT", 3000);
  const dataDir = process.env.TOKENTRA_DATA_DIR || ".data";
  return {
    port: own,
    stackPort: port("TOKENTRA_STACK_PORT", 54321),
    dbPort: port("TOKENTRA_DB_PORT", 54322),
    dataDir: isAbsolute(dataDir) ? dataDir : join(root, dataDir),
    siteUrl: process.env.SITE_URL || `http://127.0.0.1:${own}`,
  };
}
