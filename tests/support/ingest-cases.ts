import { randomUUID } from "node:crypto";
import { gzipSync } from "node:zlib";
import { describe, expect, it } from "vitest";
import type { TrackAnswer } from "../../lib/ingest/app.ts";
import { type ApiKey, as, makeApiKey, makeOrganization, type Organization } from "./people.ts";
import type { TestStack } from "./stack.ts";

/** A door to try: where it is and the database behind it. */
export type IngestDoor = { url: string; stack: TestStack };

type Sent = Record<string, unknown>;

export const usageEvent = (change: Sent = {}): Sent => ({
  request_id: `r-${randomUUID()}`,
  timestamp: new Date(Date.now() - 60_000).toISOString(),
  provider: "openai",
  model: "gpt-4o",
  input_tokens: 1_000,
  output_tokens: 100,
  ...change,
});

/** The record as the organization's owner sees it, or null. */
export async function recordOf(stack: TestStack, organization: Organization, requestId: string): Promise<Sent | null> {
  const [row] = await as(
    stack,
    organization.owner,
    (tx) => tx<{ record: Sent | null }[]>`select public.usage_request(${organization.id}, ${requestId}) as record`,
  );
  return row?.record ?? null;
}

/** What differs between rollups and records: nothing, whatever was sent. */
export async function differences(stack: TestStack, organization: Organization): Promise<Sent[]> {
  return as(stack, organization.owner, (tx) => tx<Sent[]>`select * from public.verify_usage(${organization.id})`);
}

/** Everything that a door has to answer, the same on every runtime. The door is opened by the caller's hooks. */
export function ingestCases(open: () => IngestDoor): void {
  const post = (key: string, body: BodyInit, headers: Record<string, string> = {}) =>
    fetch(open().url, {
      method: "POST",
      body,
      headers: { authorization: `Bearer ${key}`, "content-type": "application/json", ...headers },
    });
  const track = async (key: ApiKey, ...events: unknown[]) => {
    const response = await post(key.key, JSON.stringify({ events }));
    expect(response.status).toBe(200);
    return (await response.json()) as TrackAnswer;
  };
  const refusal = async (response: Response) => {
    const { error } = (await response.json()) as { error: { code: string; request_id: string } };
    expect(error.request_id).toBe(response.headers.get("x-request-id"));
    return `${response.status} ${error.code}`;
  };
  const organizationWithKey = async () => {
    const { stack } = open();
    const organization = await makeOrganization(stack);
    return { stack, organization, key: await makeApiKey(stack, organization) };
  };
  const oneEvent = () => JSON.stringify({ events: [usageEvent()] });

  describe("a key", () => {
    it("that is wrong, revoked or expired gets the same 401; without the scope 403; nothing is stored", async () => {
      const { stack, organization, key } = await organizationWithKey();
      const expired = await makeApiKey(stack, organization, { expiresAt: new Date(Date.now() + 86_400_000) });
      await stack.sql`update public.api_keys set expires_at = now() - interval '1 second' where id = ${expired.id}`;
      const revoked = await makeApiKey(stack, organization);
      expect((await track(revoked, usageEvent())).accepted).toBe(1);
      await as(stack, organization.owner, (tx) => tx`select public.revoke_api_key(${organization.id}, ${revoked.id})`);
      const event = usageEvent();
      const body = JSON.stringify({ events: [event] });
      const unknown = `tt_live_${randomUUID().replaceAll("-", "")}${"x".repeat(11)}`;
      const bodies = new Set<string>();
      for (const wrong of [
        unknown,
        revoked.key,
        expired.key,
        "tt_live_short",
        `${key.key.slice(0, -1)}${key.key.endsWith("A") ? "B" : "A"}`,
      ]) {
        const response = await post(wrong, body);
        expect(response.status).toBe(401);
        bodies.add((await response.text()).replace(/req_\w+/, ""));
      }
      expect(bodies.size).toBe(1);
      expect((await fetch(open().url, { method: "POST", body, headers: { "content-type": "application/json" } })).status).toBe(401);
      const reader = await makeApiKey(stack, organization, { scopes: ["read"] });
      expect(await refusal(await post(reader.key, body))).toBe("403 forbidden");
      expect(await recordOf(stack, organization, String(event.request_id))).toBeNull();
    });

    it("of another organization writes there and nowhere else, and may not name this one's projects", async () => {
      const { stack, organization: mine, key } = await organizationWithKey();
      const { organization: theirs, key: theirKey } = await organizationWithKey();
      const [project] = await as(
        stack,
        mine.owner,
        (tx) =>
          tx<
            { id: string }[]
          >`insert into public.projects (organization_id, slug, name) values (${mine.id}, 'search', 'Search') returning id`,
      );
      const event = usageEvent();
      expect((await track(theirKey, event)).accepted).toBe(1);
      expect(await recordOf(stack, mine, String(event.request_id))).toBeNull();
      expect(await recordOf(stack, theirs, String(event.request_id))).not.toBeNull();
      expect((await track(key, event)).accepted).toBe(1);
      const answer = await track(theirKey, usageEvent({ project_id: project!.id }), usageEvent({ project_id: "search" }), usageEvent());
      expect([answer.accepted, answer.rejected.map(({ index, code }) => [index, code])]).toEqual([
        1,
        [
          [0, "not_found"],
          [1, "not_found"],
        ],
      ]);
      expect((await track(key, usageEvent({ project_id: project!.id }), usageEvent({ project_id: "search" }))).accepted).toBe(2);
    });

    it("shows when it was last used", async () => {
      const { stack, key } = await organizationWithKey();
      await track(key, usageEvent());
      await expect
        .poll(
          async () =>
            (await stack.sql<{ used: Date | null }[]>`select last_used_at as used from public.api_keys where id = ${key.id}`)[0]?.used,
          { timeout: 5_000 },
        )
        .toBeInstanceOf(Date);
    });
  });

  describe("a request that is wrong as a whole", () => {
    const gzip = { "content-encoding": "gzip" };
    const cases: [string, () => [BodyInit, Record<string, string>?], string][] = [
      ["unreadable JSON", () => ['{"events":['], "400 invalid"],
      ["another shape", () => ['{"event":{}}'], "422 unprocessable"],
      ["5 MB and one byte", () => [`{"events":[]}${" ".repeat(5_000_001 - 13)}`], "413 too_large"],
      ["5,001 events", () => [JSON.stringify({ events: Array.from({ length: 5_001 }, () => 0) })], "413 too_large"],
      ["a gzip bomb", () => [gzipSync(Buffer.alloc(60_000_000, " ")), gzip], "413 too_large"],
      ["not the gzip it says", () => ["{}", gzip], "400 invalid"],
      ["a form", () => ["events=1", { "content-type": "application/x-www-form-urlencoded" }], "415 unsupported_media"],
      ["another encoding", () => ["{}", { "content-encoding": "deflate" }], "415 unsupported_media"],
      ["another source", () => ["{}"], "422 unprocessable"],
    ];
    it.each(cases)("(%s) is refused", async (name, make, expected) => {
      const { key } = await organizationWithKey();
      const [body, headers] = make();
      const target = name === "another source" ? `${open().url}?source=gateway` : open().url;
      const init = {
        method: "POST",
        body,
        headers: { authorization: `Bearer ${key.key}`, "content-type": "application/json", ...headers },
      };
      expect(await refusal(await fetch(target, init))).toBe(expected);
    });

    it("(another method) is 405 in JSON", async () => {
      const response = await fetch(open().url);
      expect([response.headers.get("allow"), await refusal(response)]).toEqual(["POST", "405 method_not_allowed"]);
    });
  });

  describe("an event that is wrong", () => {
    const day = 86_400_000;
    const ago = (milliseconds: number) => new Date(Date.now() - milliseconds).toISOString();
    const wrong: [string, unknown, string][] = [
      ["negative", usageEvent({ input_tokens: -1 }), "invalid"],
      ["fractional", usageEvent({ output_tokens: 1.5 }), "invalid"],
      ["huge", usageEvent({ input_tokens: 1e15 }), "invalid"],
      ["string", usageEvent({ input_tokens: "12" }), "invalid"],
      ["no zone", usageEvent({ timestamp: "2026-01-01T00:00:00" }), "invalid"],
      ["year 9999", usageEvent({ timestamp: "9999-01-01T00:00:00Z" }), "timestamp_out_of_range"],
      ["−36 days", usageEvent({ timestamp: ago(36 * day) }), "timestamp_out_of_range"],
      ["in 6 minutes", usageEvent({ timestamp: ago(-6 * 60_000) }), "timestamp_out_of_range"],
      ["NUL", usageEvent({ feature: "a\0b" }), "invalid"],
      ["lone surrogate", usageEvent({ user_id: "a\udfff" }), "invalid"],
      ["NUL in the id", usageEvent({ request_id: "\0" }), "invalid"],
      ["NUL in metadata", usageEvent({ metadata: { deep: [{ "\0": 1 }] } }), "invalid"],
      ["lone surrogate in tags", usageEvent({ tags: { a: "\ud800" } }), "invalid"],
      ["metadata too large", usageEvent({ metadata: { a: "x".repeat(16_400) } }), "too_large"],
      ["no model", usageEvent({ model: undefined }), "invalid"],
      ["unknown team", usageEvent({ team_id: randomUUID() }), "not_found"],
      ["not an object", null, "invalid"],
    ];

    it("is rejected by its place with field and rule, and its neighbours land", async () => {
      const { stack, organization, key } = await organizationWithKey();
      const first = usageEvent();
      const events = wrong.flatMap(([, event], n) => [n === 0 ? first : usageEvent(), event]);
      const answer = await track(key, ...events, usageEvent());
      expect(answer.rejected.map(({ index, code }) => `${wrong[(index - 1) / 2]?.[0]}: ${code}`)).toEqual(
        wrong.map(([name, , code]) => `${name}: ${code}`),
      );
      expect(answer.accepted).toBe(wrong.length + 1);
      expect(answer.rejected[0]?.message).toBe("input_tokens must be a whole number from 0 to 1000000000000");
      expect(await recordOf(stack, organization, String(first.request_id))).not.toBeNull();
      expect(await differences(stack, organization)).toEqual([]);
    });

    it("of an unknown provider or model is stored without a price", async () => {
      const { stack, organization, key } = await organizationWithKey();
      const events = [usageEvent({ provider: "nobody" }), usageEvent({ model: "gpt-from-the-future" })];
      expect((await track(key, ...events)).accepted).toBe(2);
      for (const { request_id } of events) {
        expect(await recordOf(stack, organization, String(request_id))).toMatchObject({ cost: null, cost_status: "unpriced" });
      }
    });

    it("but only looks dangerous is stored as it is", async () => {
      const { stack, organization, key } = await organizationWithKey();
      const metadata: unknown = JSON.parse(
        '{"__proto__":{"admin":true},"constructor":{"prototype":1},"note":"\\\\u0000 \\"quoted\\" {1,NULL}"}',
      );
      const event = usageEvent({
        metadata,
        feature: `{"a",NULL,\\N}\t\n'; drop table x; --`,
        user_id: "NULL",
        request_id: `q-${randomUUID()}"\\,{}`,
      });
      expect((await track(key, event)).accepted).toBe(1);
      const record = await recordOf(stack, organization, String(event.request_id));
      expect(record).toMatchObject({ feature: event.feature });
      expect(JSON.stringify(record)).toContain("__proto__");
    });
  });

  describe("an id that was sent before", () => {
    it("is a duplicate with the same content, in the same batch or later, and a conflict with another; the first stays", async () => {
      const { stack, organization, key } = await organizationWithKey();
      const event = usageEvent();
      const other = { ...event, input_tokens: 7 };
      expect(await track(key, event, event)).toMatchObject({ accepted: 1, duplicates: 1, rejected: [] });
      expect(await track(key, event)).toMatchObject({ accepted: 0, duplicates: 1 });
      const answer = await track(key, other, usageEvent());
      expect(answer).toMatchObject({
        accepted: 1,
        duplicates: 0,
        rejected: [{ index: 0, request_id: event.request_id, code: "id_conflict" }],
      });
      expect(await recordOf(stack, organization, String(event.request_id))).toMatchObject({ input_tokens: 1_000 });
      expect(await differences(stack, organization)).toEqual([]);
    });

    it("counts once however many send it at the same time", async () => {
      const { stack, organization, key } = await organizationWithKey();
      const events = Array.from({ length: 20 }, () => usageEvent());
      const answers = await Promise.all(Array.from({ length: 12 }, (_, n) => track(key, ...(n % 2 ? events : [...events].reverse()))));
      expect(answers.reduce((sum, { accepted }) => sum + accepted, 0)).toBe(20);
      expect(answers.reduce((sum, { duplicates }) => sum + duplicates, 0)).toBe(11 * 20);
      expect(await differences(stack, organization)).toEqual([]);
    });
  });

  describe("what is fine", () => {
    it("may be gzip, single, empty, with fields nobody knows, and carries its contract headers", async () => {
      const { key } = await organizationWithKey();
      const response = await post(key.key, gzipSync(JSON.stringify({ events: [usageEvent({ mood: "good" })] })), {
        "content-encoding": "gzip",
      });
      expect(await response.json()).toEqual({ accepted: 1, duplicates: 0, rejected: [] });
      expect(response.headers.get("cache-control")).toBe("private, no-store");
      expect(response.headers.get("x-request-id")).toMatch(/^req_[0-9a-z]{26}$/);
      expect(await track(key)).toEqual({ accepted: 0, duplicates: 0, rejected: [] });
      expect((await post(key.key, oneEvent())).status).toBe(200);
    });

    it("may be older than 35 days when imported with a key of scope admin, and with no other", async () => {
      const { stack, organization, key } = await organizationWithKey();
      const admin = await makeApiKey(stack, organization, { scopes: ["ingest", "admin"] });
      const event = usageEvent({ timestamp: ago90() });
      const send = (sender: ApiKey) =>
        fetch(`${open().url}?source=import`, {
          method: "POST",
          body: JSON.stringify({ events: [event] }),
          headers: { authorization: `Bearer ${sender.key}`, "content-type": "application/json" },
        });
      expect(await refusal(await send(key))).toBe("403 forbidden");
      expect(await (await send(admin)).json()).toMatchObject({ accepted: 1 });
      expect(await differences(stack, organization)).toEqual([]);
    });
  });
}

const ago90 = () => new Date(Date.now() - 90 * 86_400_000).toISOString();
