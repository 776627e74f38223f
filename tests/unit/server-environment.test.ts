import { describe, expect, it } from "vitest";
import { readServerEnvironment, SettingError } from "../../lib/server/environment.ts";

const good = {
  SUPABASE_URL: "https://project.supabase.co/",
  SUPABASE_PUBLISHABLE_KEY: "sb_publishable_0123456789abcdef",
  SUPABASE_SECRET_KEY: "sb_secret_0123456789abcdefgh",
  DATABASE_URL: "postgresql://postgres:l0ng-enough-word@db.example.org:5432/postgres",
  SITE_URL: "https://tokentra.example.org",
};

describe("the server's settings", () => {
  it("are read, with addresses in one form and defaults where they are harmless", () => {
    expect(readServerEnvironment(good, true)).toMatchObject({
      supabaseUrl: "https://project.supabase.co",
      port: 3000,
      logLevel: "info",
      host: undefined,
    });
    expect(readServerEnvironment({ ...good, PORT: "0", LOG_LEVEL: "warn" }, true)).toMatchObject({ port: 0, logLevel: "warn" });
  });

  const broken: [string, string | undefined][] = [
    ["SUPABASE_URL", undefined],
    ["SUPABASE_URL", "localhost:54321"],
    ["SUPABASE_URL", "ftp://host"],
    ["SUPABASE_PUBLISHABLE_KEY", ""],
    ["SUPABASE_SECRET_KEY", undefined],
    ["SUPABASE_SECRET_KEY", "secret"],
    ["SUPABASE_SECRET_KEY", good.SUPABASE_PUBLISHABLE_KEY],
    ["DATABASE_URL", undefined],
    ["DATABASE_URL", "mysql://u:l0ng-enough-word@h/d"],
    ["DATABASE_URL", "postgres://postgres@h/postgres"],
    ["DATABASE_URL", "postgres://postgres:postgres@h/postgres"],
    ["DATABASE_URL", "postgres://postgres:short@h/postgres"],
    ["SITE_URL", undefined],
    ["SITE_URL", "tokentra.example.org"],
    ["PORT", "http"],
    ["PORT", "70000"],
    ["LOG_LEVEL", "loud"],
  ];
  it.each(broken)("stop the start when %s is %j, by name and without the value", (name, value) => {
    const start = () => readServerEnvironment({ ...good, [name]: value }, true);
    expect(start).toThrow(SettingError);
    expect(start).toThrow(name);
    if (value?.includes("://")) expect(start).not.toThrow(value);
  });

  it("may be weak while developing", () => {
    const env = { ...good, DATABASE_URL: "postgres://postgres:postgres@127.0.0.1/postgres", SUPABASE_SECRET_KEY: "secret" };
    expect(readServerEnvironment(env, false).secretKey).toBe("secret");
  });
});
