import { describe, expect, it } from "vitest";
import { createHealthApp, type Lifecycle } from "../../lib/health/app.ts";
import { doorTools } from "../support/door-tools.ts";

const up = async () => {};
const down = async () => {
  throw new Error("postgres://postgres:hunter2@10.1.2.3 refused");
};

function health(phase: Lifecycle["phase"], checks: Record<string, () => Promise<void>> = {}) {
  const { tools, lines } = doorTools();
  const app = createHealthApp({
    ...tools,
    lifecycle: { phase },
    checks: { database: up, supabase_rest: up, supabase_auth: up, realtime: up, ...checks },
  });
  const codes = async () => {
    const statuses: Record<string, number> = {};
    for (const path of ["", "/live", "/startup", "/ready", "/dependencies"]) statuses[path] = (await app.request(`/health${path}`)).status;
    return statuses;
  };
  return { app, codes, lines };
}

describe("health", () => {
  it("is all yes while serving", async () => {
    expect(await health("serving").codes()).toEqual({ "": 200, "/live": 200, "/startup": 200, "/ready": 200, "/dependencies": 200 });
  });

  it("lives but is not started nor ready while starting", async () => {
    expect(await health("starting").codes()).toEqual({ "": 503, "/live": 200, "/startup": 503, "/ready": 503, "/dependencies": 200 });
  });

  it("lives but takes no more while draining", async () => {
    expect(await health("draining").codes()).toEqual({ "": 503, "/live": 200, "/startup": 200, "/ready": 503, "/dependencies": 200 });
  });

  it("is not ready without its database, and says so without names", async () => {
    const { app, codes } = health("serving", { database: down });
    expect(await codes()).toEqual({ "": 503, "/live": 200, "/startup": 200, "/ready": 503, "/dependencies": 503 });
    const response = await app.request("/health/dependencies");
    expect(response.headers.get("retry-after")).toBe("2");
    const text = await response.text();
    expect(JSON.parse(text)).toMatchObject({
      status: "unavailable",
      dependencies: { database: { status: "down" }, realtime: { status: "ok" } },
    });
    expect(text).not.toMatch(/hunter2|10\.1\.2\.3|refused/);
  });

  it("is degraded, yet ready, when another part is down", async () => {
    const { app, codes } = health("serving", { realtime: down });
    expect(await codes()).toEqual({ "": 200, "/live": 200, "/startup": 200, "/ready": 200, "/dependencies": 503 });
    expect(await (await app.request("/health")).json()).toEqual({ status: "degraded", phase: "serving" });
  });

  it("gives up on what never answers", async () => {
    const { app } = health("serving", { realtime: () => new Promise(() => {}) });
    const body = (await (await app.request("/health/dependencies")).json()) as {
      dependencies: Record<string, { status: string; latency_ms: number }>;
    };
    expect(body.dependencies.realtime?.status).toBe("down");
    expect(body.dependencies.realtime?.latency_ms).toBeGreaterThanOrEqual(1_900);
  });

  it("asks its dependencies once however many ask it", async () => {
    let asked = 0;
    const { app } = health("serving", { database: async () => void asked++ });
    await Promise.all(Array.from({ length: 50 }, () => app.request("/health/dependencies")));
    expect(asked).toBe(1);
  });

  it("leaves no line in the log while all is well", async () => {
    const { app, lines } = health("serving");
    await app.request("/health/live");
    expect(lines).toEqual([]);
    expect((await app.request("/health/live", { method: "POST" })).status).toBe(405);
    expect((await app.request("/health/nothing")).status).toBe(404);
  });
});
