import { describe, expect, it } from "vitest";
import { fromDatabaseError, toAppError } from "../../lib/core/database-errors.ts";
import { AppError, type ErrorCode, errorTable, toResponse } from "../../lib/core/errors.ts";

describe("the table of errors", () => {
  it.each(Object.keys(errorTable) as ErrorCode[])("answers %s in the one shape", async (code) => {
    const response = toResponse(new AppError(code, undefined, { cause: new Error("password=hunter2"), param: "x" }), "req_1");
    const row = errorTable[code];
    expect(response.status).toBe(row.status);
    expect(response.headers.get("x-request-id")).toBe("req_1");
    expect(response.headers.get("cache-control")).toBe("private, no-store");
    expect(response.headers.has("retry-after")).toBe(row.retry);
    expect(response.headers.get("x-should-retry")).toBe(String(row.retry));
    expect(await response.json()).toEqual({ error: { code, type: row.type, message: row.message, param: "x", request_id: "req_1" } });
  });

  it("advises a retry only where one can help: busy or broken for now, never what the caller got wrong", () => {
    const retried = Object.values(errorTable).filter(({ retry }) => retry);
    expect(retried.map(({ status }) => status).sort()).toEqual([429, 502, 503, 504]);
    expect(toResponse(new AppError("rate_limited", undefined, { retryAfterSeconds: 7 }), "r").headers.get("retry-after")).toBe("7");
    expect(toResponse(new AppError("budget_exceeded"), "r").headers.get("x-should-retry")).toBe("false");
  });
});

describe("errors of the database", () => {
  const thrown = (code: string, more: object = {}) => Object.assign(new Error('secret of table "ledger"'), { code, ...more });

  it.each([
    ["ECONNREFUSED", "unavailable"],
    ["CONNECTION_CLOSED", "unavailable"],
    ["CONNECT_TIMEOUT", "unavailable"],
    ["57P01", "unavailable"],
    ["57P03", "unavailable"],
    ["57014", "unavailable"],
    ["53300", "unavailable"],
    ["08006", "unavailable"],
    ["25006", "unavailable"],
    ["40001", "unavailable"],
    ["40P01", "unavailable"],
    ["55P03", "unavailable"],
    ["23505", "conflict"],
    ["23503", "conflict"],
    ["23514", "unprocessable"],
    ["22P05", "unprocessable"],
    ["22003", "unprocessable"],
    ["42501", "forbidden"],
  ])("%s is %s, in our own words", (state, code) => {
    const known = fromDatabaseError(thrown(state));
    expect(known?.code).toBe(code);
    expect(known?.message).not.toContain("ledger");
    expect(known?.cause).toBeInstanceOf(Error);
  });

  it("carry what our own SQL said on purpose", () => {
    const raised = Object.assign(new Error("The name is taken."), { code: "PT409", detail: '{"code":"conflict","field":"slug"}' });
    expect(fromDatabaseError(raised)).toMatchObject({ code: "conflict", message: "The name is taken.", param: "slug" });
    const throughRest = Object.assign(new Error("No."), { code: "PT404", details: '{"code":"not_found","field":null}' });
    expect(fromDatabaseError(throughRest)).toMatchObject({ code: "not_found", param: null });
    expect(fromDatabaseError(Object.assign(new Error("No."), { code: "PT400", detail: "not json" }))?.code).toBe("invalid");
    expect(fromDatabaseError(Object.assign(new Error("No."), { code: "PT413", detail: '{"code":"toString"}' }))?.code).toBe("too_large");
    expect(fromDatabaseError(Object.assign(new Error("No."), { code: "PT418" }))?.code).toBe("unprocessable");
  });

  it.each([thrown("42P01"), thrown("42883"), thrown("XX000"), new Error("x"), "text", null, undefined, 4])(
    "that are defects of ours stay 500: %s",
    (error) => {
      expect(toAppError(error)).toMatchObject({ code: "internal", message: errorTable.internal.message });
    },
  );

  it("that a driver makes of a lost connection are told apart from defects of ours", () => {
    const lost = Object.assign(new TypeError("Cannot read properties of null (reading 'write')"), {
      stack: "TypeError: …\n    at Immediate.nextWrite (/app/node_modules/postgres/src/connection.js:255:22)",
    });
    expect(toAppError(lost).code).toBe("unavailable");
    expect(toAppError(new TypeError("Cannot read properties of null (reading 'write')")).code).toBe("internal");
  });

  it("leave an error of the table as it is", () => {
    const error = new AppError("conflict", "Twice.");
    expect(toAppError(error)).toBe(error);
  });
});
