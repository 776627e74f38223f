import { beforeAll, describe, expect, test } from "vitest";
import { type ApiKeyScope, apiKeyPattern } from "../../lib/api-keys/schema.ts";
import { as, hashOf, makeApiKey, makeOrganization, type Organization, tryAs } from "../../tests/support/people.ts";
import { refusal } from "../../tests/support/refusal.ts";
import { type TestStack, testStack } from "../../tests/support/stack.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await testStack();
});

/** What a door is told when it opens a transaction with a key. */
async function use(hash: Buffer, scope: string) {
  return stack.sql.begin(async (tx) => {
    await tx`set local role tokentra_door`;
    const [answer] = await tx`select * from private.use_api_key(${hash}, ${scope})`;
    return answer as { outcome: string; organization_id: string | null; api_key_id: string | null };
  });
}
const outcome = async (hash: Buffer, scope = "ingest") => (await use(hash, scope)).outcome;

const rotate = async (organization: Organization, id: string, seconds: number) => {
  const [made] = await as(
    stack,
    organization.owner,
    (tx) => tx<{ id: string; key: string; prefix: string; previous_expires_at: Date }[]>`
      select * from public.rotate_api_key(${organization.id}, ${id}, ${seconds})`,
  );
  return made!;
};
const revoke = (organization: Organization, id: string) =>
  as(stack, organization.owner, (tx) => tx`select public.revoke_api_key(${organization.id}, ${id})`);

describe("a key", () => {
  test("is shown once and kept as its hash", async () => {
    const organization = await makeOrganization(stack);
    const made = await makeApiKey(stack, organization);
    expect(made.key).toMatch(apiKeyPattern);
    expect(made.key.startsWith(made.prefix)).toBe(true);
    expect(made.prefix).toHaveLength(12);
    const [row] = await stack.sql`
      select s.key_hash, to_jsonb(k)::text as visible,
        (select string_agg(to_jsonb(a)::text, ' ') from public.audit_log a where a.organization_id = k.organization_id) as log
      from public.api_keys k join private.api_key_secrets s on s.api_key_id = k.id where k.id = ${made.id}`;
    expect(row!.key_hash).toEqual(made.hash);
    expect(row!.log).toContain("api_key.created");
    for (const secret of [made.key, made.hash.toString("hex"), made.key.slice(8)]) expect(row!.visible + row!.log).not.toContain(secret);
  });

  test("opens its organization under its scopes only", async () => {
    const organization = await makeOrganization(stack);
    const made = await makeApiKey(stack, organization, { scopes: ["ingest", "read"] });
    expect(await use(made.hash, "ingest")).toEqual({ outcome: "ok", organization_id: organization.id, api_key_id: made.id });
    expect(await outcome(made.hash, "read")).toBe("ok");
    expect(await use(made.hash, "admin")).toEqual({ outcome: "forbidden", organization_id: null, api_key_id: null });
    expect(await outcome(made.hash, "")).toBe("forbidden");
    expect(await use(hashOf("tt_live_unknown"), "ingest")).toEqual({ outcome: "unauthenticated", organization_id: null, api_key_id: null });
  });

  test("under the scope read answers as a reader of its organization, for that transaction", async () => {
    const organization = await makeOrganization(stack);
    await as(
      stack,
      organization.owner,
      (tx) => tx`insert into public.teams (organization_id, slug, name) values (${organization.id}, 'a', 'A')`,
    );
    const made = await makeApiKey(stack, organization, { scopes: ["read", "ingest"] });
    const seen = (scope: string) =>
      stack.sql.begin(async (tx) => {
        await tx`select private.use_api_key(${made.hash}, ${scope})`;
        await tx`set local role authenticated`;
        const [row] = await tx`
          select (select count(*)::int from public.organizations) as organizations, (select count(*)::int from public.teams) as teams,
            (select count(*)::int from public.api_keys) as keys, (select count(*)::int from public.organization_members) as members,
            (select count(*)::int from private.team_names) as names`;
        return { ...row };
      });
    expect(await seen("read")).toEqual({ organizations: 1, teams: 1, keys: 0, members: 0, names: 1 });
    expect(await seen("ingest")).toEqual({ organizations: 0, teams: 0, keys: 0, members: 0, names: 0 });
    const writes = stack.sql.begin(async (tx) => {
      await tx`select private.use_api_key(${made.hash}, 'read')`;
      await tx`set local role authenticated`;
      await tx`insert into public.teams (organization_id, slug, name) values (${organization.id}, 'b', 'B')`;
    });
    expect(await refusal(writes)).toMatchObject({ code: "42501" });
    // The next transaction on the same connection is nobody's.
    await stack.sql.reserve().then(async (connection) => {
      await connection`begin`;
      await connection`select private.use_api_key(${made.hash}, 'read')`;
      await connection`commit`;
      const [after] = await connection`select private.my_organization_ids() as ids`;
      connection.release();
      expect(after!.ids).toEqual([]);
    });
  });

  test("counts alone: neither a session beside it nor its id without its hash adds anything", async () => {
    const organization = await makeOrganization(stack);
    const other = await makeOrganization(stack);
    const made = await makeApiKey(stack, organization, { scopes: ["read"] });
    const beside = await tryAs(stack, other.owner, async (tx) => {
      await tx`set local role postgres`;
      await tx`select private.use_api_key(${made.hash}, 'read')`;
      await tx`set local role authenticated`;
      const [row] = await tx`select private.my_organization_ids() as ids`;
      return row!.ids;
    });
    expect(beside).toEqual([organization.id]);
    const forged = await tryAs(stack, other.owner, async (tx) => {
      await tx`select set_config('tokentra.api_key_id', ${made.id}, true), set_config('tokentra.api_key_scope', 'read', true)`;
      const [row] = await tx`select private.my_organization_ids() as ids`;
      return row!.ids;
    });
    expect(forged).toEqual([other.id]);
  });

  test("stops at its expiry and at its revocation, also within an open transaction", async () => {
    const organization = await makeOrganization(stack);
    const made = await makeApiKey(stack, organization, { scopes: ["ingest", "read"], expiresAt: new Date(Date.now() + 3_600_000) });
    expect(await outcome(made.hash)).toBe("ok");
    await stack.sql`update public.api_keys set expires_at = now() where id = ${made.id}`;
    expect(await outcome(made.hash)).toBe("unauthenticated");
    await stack.sql`update public.api_keys set expires_at = null where id = ${made.id}`;
    expect(await outcome(made.hash)).toBe("ok");
    const ids = await stack.sql.begin(async (tx) => {
      await tx`select private.use_api_key(${made.hash}, 'read')`;
      const [before] = await tx`select private.my_organization_ids() as ids`;
      await revoke(organization, made.id);
      const [after] = await tx`select private.my_organization_ids() as ids`;
      return [before!.ids, after!.ids];
    });
    expect(ids).toEqual([[organization.id], []]);
    expect(await outcome(made.hash)).toBe("unauthenticated");
    await revoke(organization, made.id);
  });

  test("rotates with an overlap: both secrets work, then the new one alone; id and scopes stay", async () => {
    const organization = await makeOrganization(stack);
    const old = await makeApiKey(stack, organization);
    const next = await rotate(organization, old.id, 3600);
    expect(next.id).toBe(old.id);
    expect(next.key).not.toBe(old.key);
    expect(Math.abs(next.previous_expires_at.getTime() - Date.now() - 3_600_000)).toBeLessThan(60_000);
    expect(await use(old.hash, "ingest")).toMatchObject({ outcome: "ok", api_key_id: old.id });
    expect(await use(hashOf(next.key), "ingest")).toMatchObject({ outcome: "ok", api_key_id: old.id });
    const [row] = await stack.sql`select prefix from public.api_keys where id = ${old.id}`;
    expect(row!.prefix).toBe(next.prefix);
    await stack.sql`update private.api_key_secrets set expires_at = now() where key_hash = ${old.hash}`;
    expect(await outcome(old.hash)).toBe("unauthenticated");
    expect(await outcome(hashOf(next.key))).toBe("ok");
  });

  test("rotates without overlap at once, and a second rotation never lengthens the first", async () => {
    const organization = await makeOrganization(stack);
    const first = await makeApiKey(stack, organization);
    const second = await rotate(organization, first.id, 0);
    expect(await outcome(first.hash)).toBe("unauthenticated");
    const third = await rotate(organization, first.id, 60);
    const fourth = await rotate(organization, first.id, 2_592_000);
    const rows = await stack.sql`
      select key_hash, expires_at from private.api_key_secrets where api_key_id = ${first.id}`;
    const until = (hash: Buffer) => rows.find((row) => hash.equals(row.key_hash as Buffer))?.expires_at as Date | null;
    expect(until(first.hash)!.getTime()).toBeLessThanOrEqual(Date.now());
    expect(until(hashOf(second.key))!.getTime()).toBeLessThan(Date.now() + 61_000);
    expect(until(hashOf(third.key))!.getTime()).toBeGreaterThan(Date.now() + 2_591_000_000);
    expect(until(hashOf(fourth.key))).toBeNull();
  });

  test("is not rotated once revoked or expired, and revocation ends every secret", async () => {
    const organization = await makeOrganization(stack);
    const old = await makeApiKey(stack, organization);
    const next = await rotate(organization, old.id, 3600);
    await revoke(organization, old.id);
    expect(await outcome(old.hash)).toBe("unauthenticated");
    expect(await outcome(hashOf(next.key))).toBe("unauthenticated");
    expect(await refusal(rotate(organization, old.id, 60))).toMatchObject({ code: "conflict" });
    const expired = await makeApiKey(stack, organization);
    await stack.sql`update public.api_keys set expires_at = now() where id = ${expired.id}`;
    expect(await refusal(rotate(organization, expired.id, 60))).toMatchObject({ code: "conflict" });
    for (const seconds of [-1, 2_592_001])
      expect(await refusal(rotate(organization, expired.id, seconds))).toMatchObject({ code: "invalid", field: "overlap_seconds" });
  });

  test("is refused with wrong fields", async () => {
    const organization = await makeOrganization(stack);
    const there = await makeOrganization(stack);
    const [team] = await as(
      stack,
      there.owner,
      (tx) => tx`insert into public.teams (organization_id, slug, name) values (${there.id}, 'a', 'A') returning id`,
    );
    const wrong: [string, Parameters<typeof makeApiKey>[2]][] = [
      ["invalid name", { name: " " }],
      ["invalid scopes", { scopes: [] }],
      ["invalid scopes", { scopes: ["root" as ApiKeyScope] }],
      ["invalid environment", { environment: "x".repeat(65) }],
      ["invalid expires_at", { expiresAt: new Date(Date.now() - 1000) }],
      ["not_found team_id", { teamId: team!.id as string }],
      ["not_found team_id", { teamId: crypto.randomUUID() }],
      ["not_found project_id", { projectId: crypto.randomUUID() }],
    ];
    for (const [expected, input] of wrong) {
      const refused = await refusal(makeApiKey(stack, organization, input));
      expect(`${refused?.code} ${refused?.field}`).toBe(expected);
    }
  });

  test("notes its use at most once a minute, without an audit entry", async () => {
    const organization = await makeOrganization(stack);
    const made = await makeApiKey(stack, organization);
    const touch = () =>
      stack.sql.begin(async (tx) => {
        await tx`set local role tokentra_door`;
        await tx`select private.touch_api_keys(${[made.id]})`;
      });
    const lastUsed = async () => (await stack.sql`select last_used_at from public.api_keys where id = ${made.id}`)[0]!.last_used_at as Date;
    await touch();
    const first = await lastUsed();
    expect(Date.now() - first.getTime()).toBeLessThan(30_000);
    await touch();
    expect(await lastUsed()).toEqual(first);
    await stack.sql`update public.api_keys set last_used_at = now() - interval '61 seconds' where id = ${made.id}`;
    await touch();
    expect((await lastUsed()).getTime()).toBeGreaterThan(first.getTime());
    const entries = await stack.sql`
      select 1 from public.audit_log where organization_id = ${organization.id} and entity_id = ${made.id}`;
    expect(entries.count).toBe(1);
  });
});
