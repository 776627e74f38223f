import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { readEvent, TrackEvent, trackLimits, usageFields } from "../../lib/usage/schema.ts";

const good = { request_id: "r1", timestamp: "2026-01-31T12:00:00Z", provider: "openai", model: "gpt-4o" };

function refusalOf(sent: unknown): string | null {
  const read = readEvent(sent);
  return read.refusal === undefined ? null : `${read.refusal.code}: ${read.field} ${read.refusal.rule}`;
}

describe("reading one event", () => {
  it("fills in what was not sent with null and keeps zero apart from it", () => {
    const { event } = readEvent({ ...good, input_tokens: 0, feature: "" });
    expect(event).toMatchObject({ input_tokens: 0, output_tokens: null, feature: null, status: "success", metadata: null });
    expect(Object.keys(event!).sort()).toEqual(Object.keys(usageFields).sort());
  });

  it("ignores fields it does not know, also those that objects are born with", () => {
    const sent = JSON.parse(
      `{"__proto__":{"model":"stolen"},"constructor":1,"toString":"x","surprise":[],${JSON.stringify(good).slice(1)}`,
    ) as unknown;
    expect(readEvent(sent).event).toEqual(readEvent(good).event);
  });

  const refused: [string, Record<string, unknown>, string][] = [
    ["a negative count", { input_tokens: -1 }, "invalid: input_tokens must be a whole number from 0 to 1000000000000"],
    ["a fraction", { output_tokens: 1.5 }, "invalid: output_tokens must be a whole number"],
    ["a huge count", { input_tokens: 1e12 + 1 }, "invalid: input_tokens must be a whole number"],
    ["infinity, as 1e999 reads", { input_tokens: JSON.parse("1e999") }, "invalid: input_tokens must be a whole number"],
    ["a count in a string", { input_tokens: "12" }, "invalid: input_tokens must be a whole number"],
    ["a boolean as count", { images: true }, "invalid: images must be a whole number"],
    ["no zone", { timestamp: "2026-01-31T12:00:00" }, "invalid: timestamp must be an RFC 3339 time with a zone"],
    ["a number as time", { timestamp: 1_700_000_000 }, "invalid: timestamp must be an RFC 3339 time"],
    ["30 February", { timestamp: "2026-02-30T12:00:00Z" }, "invalid: timestamp must be"],
    ["a blank model", { model: "  " }, "invalid: model is required"],
    ["no request id", { request_id: undefined }, "invalid: request_id is required"],
    ["a null provider", { provider: null }, "invalid: provider is required"],
    ["a long id", { request_id: "x".repeat(201) }, "invalid: request_id must have at most 200 characters"],
    ["NUL in text", { feature: "a\0b" }, "invalid: feature must be valid Unicode without NUL"],
    ["half a pair", { user_id: "a\ud800" }, "invalid: user_id must be valid Unicode"],
    ["another status", { status: "ok" }, "invalid: status must be one of success, error, timeout"],
    ["an inherited word as status", { status: "constructor" }, "invalid: status must be one of"],
    ["NUL in metadata", { metadata: { a: ["x\0"] } }, "invalid: metadata must hold valid Unicode"],
    ["half a pair behind a backslash in metadata", { metadata: { a: "\\\udfff" } }, "invalid: metadata must hold valid Unicode"],
    ["half a pair in a metadata key", { metadata: { "\ud912": 1 } }, "invalid: metadata must hold valid Unicode"],
    ["a list as metadata", { metadata: [] }, "invalid: metadata must be an object"],
    [
      "65 keys",
      { metadata: Object.fromEntries(Array.from({ length: 65 }, (_, i) => [`k${i}`, i])) },
      "too_large: metadata must have at most 64 keys",
    ],
    ["16 KB and more", { metadata: { a: "x".repeat(16_384) } }, "too_large: metadata must be at most 16384 bytes"],
    ["16 KB in bytes, not characters", { metadata: { a: "é".repeat(8_200) } }, "too_large: metadata must be at most 16384 bytes"],
    [
      "a deep hole",
      { metadata: JSON.parse(`{"a":${"[".repeat(8_000)}${"]".repeat(8_000)}}`) },
      "invalid: metadata must not be nested deeper",
    ],
    ["numbers as tags", { tags: { a: 1 } }, "invalid: tags must be an object of strings"],
    ["a quantity with an exponent", { audio_seconds: "1e3" }, "invalid: audio_seconds must be a decimal"],
    ["a negative quantity", { audio_seconds: -0.5 }, "invalid: audio_seconds must be a decimal"],
    ["more places than kept", { audio_seconds: 1e-10 }, "invalid: audio_seconds must be a decimal"],
  ];
  it.each(refused)("refuses %s and names field and rule", (_name, change, sentence) => {
    expect(refusalOf({ ...good, ...change })).toContain(sentence);
    expect(TrackEvent.safeParse({ ...good, ...change }).success).toBe(false);
  });

  it.each([null, 1, "x", [], true])("refuses %j as an event", (value) => {
    expect(refusalOf(value)).toBe("invalid: event must be an object");
  });

  it.each([
    [0.1, "0.1"],
    ["12.5", "12.5"],
    [1e-7, "0.000000100"],
    [3, "3"],
  ])("keeps the quantity %j exactly", (sent, kept) => {
    expect(readEvent({ ...good, audio_seconds: sent }).event?.audio_seconds).toBe(kept);
  });

  it("keeps free JSON as it is, __proto__ included, and writes it down rather than merging it", () => {
    const metadata: unknown = JSON.parse('{"__proto__":{"admin":true},"constructor":"Ferrari","text":"\\\\u0000 is not NUL"}');
    const { event } = readEvent({ ...good, metadata });
    expect(JSON.parse(event!.metadata!)).toEqual(metadata);
    expect(event!.metadata).toContain("__proto__");
    expect(({} as { admin?: boolean }).admin).toBeUndefined();
  });
});

describe("the contract and the fast reader", () => {
  const odd = fc.oneof(
    fc.string({ unit: "binary", maxLength: 250 }),
    fc.string({ maxLength: 40 }),
    fc.constantFrom("", " ", "a\0", "\ud800", "success", "error", "2026-01-31T12:00:00+05:30", "2026-13-01T00:00:00Z", "0.5", "-1", "1e5"),
    fc.integer({ min: -5, max: 10 }),
    fc.double(),
    fc.constantFrom(trackLimits.tokens, trackLimits.tokens + 1, 2 ** 31, -0, 0.1),
    fc.boolean(),
    fc.constant(null),
    fc.dictionary(fc.string({ maxLength: 5 }), fc.jsonValue({ maxDepth: 3 }), { maxKeys: 5 }),
    fc.dictionary(fc.string({ maxLength: 5 }), fc.string({ maxLength: 5 }), { maxKeys: 70 }),
    fc.array(fc.integer(), { maxLength: 3 }),
  );

  it("come to the same verdict on every field", () => {
    fc.assert(
      fc.property(fc.constantFrom(...Object.keys(usageFields)), odd, (field, value) => {
        const sent = { ...good, [field]: value };
        expect(readEvent(sent).refusal === undefined).toBe(TrackEvent.safeParse(sent).success);
      }),
      { numRuns: 3_000 },
    );
  });

  it("never throws and never hands on text that Postgres cannot store", () => {
    fc.assert(
      fc.property(fc.dictionary(fc.constantFrom(...Object.keys(usageFields)), odd), (sent) => {
        const { event } = readEvent({ ...good, ...sent });
        for (const value of Object.values(event ?? {})) {
          if (typeof value === "string") expect(value).not.toMatch(/[\0\p{Surrogate}]/u);
        }
      }),
      { numRuns: 2_000 },
    );
  });
});
