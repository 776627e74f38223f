import { Writable } from "node:stream";
import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { createJsonLog } from "../../lib/log/json-log.ts";
import { describeError } from "../../lib/log/log.ts";
import { createPinoLog } from "../../lib/log/pino-log.ts";
import { redact } from "../../lib/log/redact.ts";

const base64url = [..."ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_"];
const secretText = fc.string({ unit: fc.constantFrom(...base64url), minLength: 43, maxLength: 43 });
const secret = secretText.chain((text) =>
  fc.constantFrom(`tt_live_${text}`, `tt_test_${text}`, `sb_secret_${text}`, `sk-${text}`, `eyJ${text}.${text}.${text}`),
);

/** The same secret in every place a log line could carry it. */
const places: ((secret: string) => Record<string, unknown>)[] = [
  (s) => ({ authorization: `Bearer ${s}` }),
  (s) => ({ headers: { Authorization: `Bearer ${s}`, cookie: `sb-access-token=${s}; other=1` } }),
  (s) => ({ "set-cookie": [`a=${s}`, "b=2"] }),
  (s) => ({ text: `the key ${s} failed` }),
  (s) => ({ nested: [{ deep: { password: s } }] }),
  (s) => ({ body: JSON.stringify({ token: s, inner: JSON.stringify({ api_key: s }) }) }),
  (s) => ({ url: `https://host/path?apikey=${s}&x=1` }),
  (s) => ({ error: describeError(new Error(`no: ${s}`, { cause: new Error(`authorization: Bearer ${s}`) })) }),
];

describe("the redactor", () => {
  it("lets no key, token or cookie through, wherever it stands, and leaves valid JSON", () => {
    fc.assert(
      fc.property(secret, fc.constantFrom(...places), (value, place) => {
        const line = redact(JSON.stringify(place(value)));
        expect(line).not.toContain(value);
        expect(line).not.toContain(value.slice(-30));
        expect(line).toContain("(redacted)");
        expect(() => JSON.parse(line) as unknown).not.toThrow();
        expect(redact(line)).toBe(line);
      }),
      { numRuns: 1_000 },
    );
  });

  it("knows passwords by their name, whatever they look like", () => {
    fc.assert(
      fc.property(fc.string({ minLength: 6 }), (value) => {
        const line = redact(JSON.stringify({ password: value, keep: "this" }));
        expect(JSON.parse(line)).toEqual({ password: "(redacted)", keep: "this" });
      }),
    );
  });

  it("takes credentials out of addresses", () => {
    expect(redact('"postgres://postgres:s3cr3t!pass@10.0.0.1:5432/postgres"')).toBe('"postgres://(redacted)@10.0.0.1:5432/postgres"');
  });

  it("leaves everyday lines as they are", () => {
    const line = JSON.stringify({
      request_id: "req_01jd",
      path: "/api/v1/overview",
      organization_id: "0193-aa",
      api_key_id: "0193-bb",
      input_tokens: 12,
      msg: "request",
    });
    expect(redact(line)).toBe(line);
  });
});

describe("both logs", () => {
  it("can be opened as the server opens its own", () => {
    expect(createPinoLog("silent").level).toBe("silent");
  });

  const value = `tt_live_${"s".repeat(43)}`;

  it("write JSON lines through it, messages and errors included", () => {
    const lines: string[] = [];
    const sink = new Writable({
      write: (chunk, _encoding, done) => {
        lines.push(String(chunk));
        done();
      },
    });
    const pinoLog = createPinoLog("info", sink);
    const jsonLog = createJsonLog((line) => lines.push(line), "ingest-usage");
    for (const log of [pinoLog, jsonLog]) {
      log.error({ request_id: "req_1", authorization: `Bearer ${value}`, error: describeError(new Error(value)) }, `failed with ${value}`);
    }
    expect(lines).toHaveLength(2);
    for (const line of lines) {
      expect(line).not.toContain("ssss");
      expect(JSON.parse(line)).toMatchObject({ level: "error", request_id: "req_1", msg: "failed with tt_live_(redacted)" });
    }
  });
});
