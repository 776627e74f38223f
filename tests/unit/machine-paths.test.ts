import { describe, expect, it } from "vitest";
import { isMachinePath } from "../../lib/server/machine-paths.ts";

describe("what belongs to the machine doors", () => {
  it.each([
    "/health",
    "/health?x=1",
    "/health/ready",
    "/api/v1",
    "/api/v1/overview?a",
    "/api/sdk/v1/track",
    "/api/otlp/v1/traces",
    "/api/sdk/anything",
  ])("%s does", (target) => {
    expect(isMachinePath(target)).toBe(true);
  });
  it.each([
    "/",
    "/healthy",
    "/api",
    "/api/v10",
    "/api/v1beta",
    "/api/sdkx",
    "/api/otlpx",
    "/acme/health",
    "//api/v1",
    "http://host/api/v1",
    "",
  ])("%s does not", (target) => {
    expect(isMachinePath(target)).toBe(false);
  });
});
