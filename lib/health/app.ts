import type { Context, Hono } from "hono";
import { createObservedApp, type DoorEnvironment, type DoorTools, refuseOtherMethods } from "../log/observe.ts";
import { createChecker, type DependencyCheck } from "./check.ts";

/** Where the process is in its life. */
export type Lifecycle = { phase: "starting" | "serving" | "draining" };

export type HealthOptions = DoorTools & {
  lifecycle: Lifecycle;
  /** `database` decides whether the doors are ready; the others are reported. */
  checks: { database: DependencyCheck } & Record<string, DependencyCheck>;
};

const paths = ["/health", "/health/live", "/health/ready", "/health/startup", "/health/dependencies"];

/**
 * What an orchestrator asks: `live` (the process answers), `startup` (it has started), `ready` (send it requests: it serves and reaches
 * its database), `dependencies` (each with state and latency), and `/health` for people. 200 is yes, 503 is no. No names of hosts, no secrets.
 */
export function createHealthApp(options: HealthOptions): Hono<DoorEnvironment> {
  const { lifecycle, checks } = options;
  const app = createObservedApp({ ...options, isQuiet: true });
  const checkDatabase = createChecker({ database: checks.database });
  const checkAll = createChecker(checks);

  const say = (c: Context<DoorEnvironment>, isWell: boolean, body: Record<string, unknown>) => {
    if (!isWell) c.header("retry-after", "2");
    return c.json(body, isWell ? 200 : 503);
  };

  app.get("/health", async (c) => {
    const dependencies = await checkAll();
    const isServing = lifecycle.phase === "serving" && dependencies.database?.status === "ok";
    const isWhole = Object.values(dependencies).every((dependency) => dependency.status === "ok");
    return say(c, isServing, { status: isServing ? (isWhole ? "ok" : "degraded") : "unavailable", phase: lifecycle.phase });
  });
  app.get("/health/live", (c) => say(c, true, { status: "ok" }));
  app.get("/health/startup", (c) => say(c, lifecycle.phase !== "starting", { status: lifecycle.phase === "starting" ? "starting" : "ok" }));
  app.get("/health/ready", async (c) => {
    const { database } = await checkDatabase();
    const isReady = lifecycle.phase === "serving" && database?.status === "ok";
    return say(c, isReady, { status: isReady ? "ok" : "unavailable", phase: lifecycle.phase, dependencies: { database } });
  });
  app.get("/health/dependencies", async (c) => {
    const dependencies = await checkAll();
    const isWhole = Object.values(dependencies).every((dependency) => dependency.status === "ok");
    return say(c, isWhole, { status: isWhole ? "ok" : "unavailable", dependencies });
  });
  for (const path of paths) refuseOtherMethods(app, path, "GET, HEAD");
  return app;
}
