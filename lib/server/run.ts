import type { RequestListener, Server } from "node:http";
import { isWriteToLostConnection } from "../core/database-errors.ts";
import type { Lifecycle } from "../health/app.ts";
import { describeError } from "../log/log.ts";
import { createPinoLog } from "../log/pino-log.ts";
import { readServerEnvironment, SettingError } from "./environment.ts";
import { createHttpServer, drain, listen, noPages, notYet } from "./http-server.ts";
import { openMachineDoors } from "./machine-doors.ts";

/** The pages of the product: prepared after the port is open, closed before the process ends. */
export type Pages = { listener: RequestListener; close(): Promise<void> };

const drainMs = 10_000;

/**
 * Runs the server until SIGTERM or SIGINT: opens the doors, prepares the pages (none, for a host that serves machines only),
 * then serves. On the signal it stops accepting, drains for ten seconds at most, closes the pools and leaves.
 */
export async function runServer(preparePages: ((server: Server, port: number) => Promise<Pages>) | null): Promise<void> {
  const isProduction = process.env.NODE_ENV !== "development";
  let environment: ReturnType<typeof readServerEnvironment>;
  try {
    environment = readServerEnvironment(process.env, isProduction);
  } catch (error) {
    if (!(error instanceof SettingError)) throw error;
    process.stderr.write(`The server does not start: ${error.message}\n`);
    process.exit(78);
  }

  const log = createPinoLog(environment.logLevel);
  const lifecycle: Lifecycle = { phase: "starting" };
  const doors = openMachineDoors(environment, log, lifecycle);
  let pages: Pages | null = null;
  const server = createHttpServer(doors, () => pages?.listener ?? (preparePages === null ? noPages : notYet));

  const leave = async (exitCode: number): Promise<never> => {
    await drain(server, drainMs);
    await doors.close().catch(() => {});
    await pages?.close().catch(() => {});
    log.info({}, "stopped");
    log.flush();
    process.exit(exitCode);
  };
  const stop = (reason: string) => {
    if (lifecycle.phase === "draining") process.exit(1);
    lifecycle.phase = "draining";
    log.info({ signal: reason }, "stopping");
    void leave(0);
  };
  for (const signal of ["SIGTERM", "SIGINT"] as const) process.on(signal, () => stop(signal));
  // Whoever started us over a channel is gone, however it ended: nobody is left to stop us.
  process.on("disconnect", () => stop("disconnect"));
  process.on("uncaughtException", (error) => {
    if (isWriteToLostConnection(error)) return log.warn({ cause: error.message }, "a database connection was lost");
    log.fatal({ error: describeError(error) }, "the server ends: something failed that nobody expected");
    process.exit(1);
  });
  process.on("unhandledRejection", (error) => log.error({ error: describeError(error) }, "a promise failed that nobody waited for"));

  try {
    const port = await listen(server, environment.port, environment.host);
    pages = (await preparePages?.(server, port)) ?? null;
    if (lifecycle.phase === "starting") lifecycle.phase = "serving";
    log.info({ port, url: environment.siteUrl }, "serving");
    log.flush();
  } catch (error) {
    log.error({ error: describeError(error) }, "the server could not start");
    log.flush();
    process.exit(1);
  }
}
