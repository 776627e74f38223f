/** What the server needs of a logger; a pino logger fits. */
export type Log = {
  error: (fields: Record<string, unknown>, message: string) => void;
  warn: (fields: Record<string, unknown>, message: string) => void;
};
