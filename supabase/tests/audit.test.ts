import { beforeAll, describe, expect, test } from "vitest";
import { entityLabels } from "../../lib/audit-log/rules.ts";
import { as, makeApiKey, makeMember, makeOrganization, type Organization } from "../../tests/support/people.ts";
import { refusal } from "../../tests/support/refusal.ts";
import { type TestStack, testStack } from "../../tests/support/stack.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await testStack();
});

const log = (organization: Organization, action: string) =>
  stack.sql`select * from public.audit_log where organization_id = ${organization.id} and action = ${action} order by occurred_at, id`;

describe("the audit log", () => {
  test("has a word for everything that it tells of", async () => {
    const triggers = await stack.sql<{ definition: string }[]>`
      select pg_get_triggerdef(oid) as definition from pg_trigger where tgfoid = 'private.write_audit'::regproc`;
    const told = new Set(triggers.map(({ definition }) => /write_audit\('(\w+)'/.exec(definition)![1]!));
    expect(told.size).toBeGreaterThan(5);
    expect([...told].filter((entity) => !(entity in entityLabels))).toEqual([]);
  });

  test("says who changed what from what to what, and from where", async () => {
    const organization = await makeOrganization(stack, { name: "Before" });
    await as(stack, organization.owner, async (tx) => {
      const headers = { "x-request-id": "req-1", "x-forwarded-for": "203.0.113.7, 10.0.0.1" };
      await tx`select set_config('request.headers', ${JSON.stringify(headers)}, true)`;
      await tx`update public.organizations set name = 'After' where id = ${organization.id}`;
    });
    const [entry] = await log(organization, "organization.updated");
    expect(entry).toMatchObject({
      actor_type: "user",
      actor_id: organization.owner.id,
      actor_label: organization.owner.email,
      entity_type: "organization",
      entity_id: organization.id,
      entity_label: "After",
      changes: { name: { old: "Before", new: "After" } },
      request_id: "req-1",
    });
    expect(String(entry!.ip)).toBe("203.0.113.7");
  });

  test("takes no nonsense from headers", async () => {
    const organization = await makeOrganization(stack);
    await as(stack, organization.owner, async (tx) => {
      const headers = { "x-request-id": "r".repeat(5000), "x-forwarded-for": "'; drop table x; --" };
      await tx`select set_config('request.headers', ${JSON.stringify(headers)}, true)`;
      await tx`update public.organizations set name = 'After' where id = ${organization.id}`;
    });
    const [entry] = await log(organization, "organization.updated");
    expect(entry!.ip).toBeNull();
    expect(entry!.request_id).toHaveLength(200);
  });

  test("knows every step of the life of every thing", async () => {
    const organization = await makeOrganization(stack);
    const { id, owner } = organization;
    const person = await makeMember(stack, organization, "viewer");
    const key = await makeApiKey(stack, organization);
    await as(stack, owner, async (tx) => {
      await tx`select public.set_member_role(${id}, ${person.id}, 'member')`;
      const [team] = await tx`insert into public.teams (organization_id, slug, name) values (${id}, 'a', 'A') returning id`;
      await tx`update public.teams set name = 'B' where id = ${team!.id}`;
      await tx`insert into public.team_members (organization_id, team_id, user_id) values (${id}, ${team!.id}, ${person.id})`;
      const [project] = await tx`
        insert into public.projects (organization_id, team_id, slug, name) values (${id}, ${team!.id}, 'p', 'P') returning id`;
      await tx`update public.projects set name = 'Q' where id = ${project!.id}`;
      await tx`delete from public.team_members where team_id = ${team!.id}`;
      await tx`delete from public.teams where id = ${team!.id}`;
      await tx`delete from public.projects where id = ${project!.id}`;
      await tx`select public.rotate_api_key(${id}, ${key.id}, 60)`;
      await tx`select public.revoke_api_key(${id}, ${key.id})`;
      const [invitation] = await tx`select id from public.create_invitation(${id}, 'x@example.com', 'viewer')`;
      await tx`select public.revoke_invitation(${id}, ${invitation!.id})`;
      await tx`select public.remove_member(${id}, ${person.id})`;
    });
    const entries = await stack.sql<{ action: string; label: string; changes: Record<string, unknown> }[]>`
      select action, entity_label as label, changes from public.audit_log where organization_id = ${id} order by id`;
    expect(entries.map(({ action }) => action).sort()).toEqual(
      [
        "organization.created",
        "member.created",
        "member.created",
        "api_key.created",
        "member.updated",
        "team.created",
        "team.updated",
        "team_member.created",
        "project.created",
        "project.updated",
        "team_member.deleted",
        "project.updated",
        "team.deleted",
        "project.deleted",
        "api_key.rotated",
        "api_key.revoked",
        "invitation.created",
        "invitation.revoked",
        "member.deleted",
      ].sort(),
    );
    const only = (action: string) => entries.filter((entry) => entry.action === action);
    expect(only("member.updated")).toMatchObject([{ label: person.email, changes: { role: { old: "viewer", new: "member" } } }]);
    expect(only("team.deleted")).toMatchObject([{ label: "B", changes: { name: { old: "B", new: null }, slug: { old: "a", new: null } } }]);
    expect(only("api_key.created")[0]!.changes).toMatchObject({ scopes: { old: null, new: ["ingest"] } });
    expect(only("project.updated").map(({ changes }) => Object.keys(changes))).toEqual([["name"], ["team_id"]]);
  });

  test("leaves out what did not change", async () => {
    const organization = await makeOrganization(stack, { name: "Same" });
    await as(stack, organization.owner, (tx) => tx`update public.organizations set name = 'Same' where id = ${organization.id}`);
    expect((await log(organization, "organization.updated")).count).toBe(0);
  });

  test("names the key, or the system, when no person acts", async () => {
    const organization = await makeOrganization(stack);
    const key = await makeApiKey(stack, organization, { scopes: ["admin"] });
    await stack.sql.begin(async (tx) => {
      await tx`select private.use_api_key(${key.hash}, 'admin')`;
      await tx`update public.organizations set name = 'By key' where id = ${organization.id}`;
    });
    await stack.sql`update public.organizations set name = 'By nobody' where id = ${organization.id}`;
    const entries = await log(organization, "organization.updated");
    expect(entries.map(({ actor_type, actor_id, actor_label }) => ({ actor_type, actor_id, actor_label }))).toEqual([
      { actor_type: "api_key", actor_id: key.id, actor_label: key.prefix },
      { actor_type: "system", actor_id: null, actor_label: "TokenTRA" },
    ]);
  });

  test("shows that a secret changed, not what it is, at any depth", async () => {
    const organization = await makeOrganization(stack);
    const before = { smtp: { password: "old-pa55", host: "mail" }, hooks: [{ client_secret: "s3cr3t" }], input_tokens: 1 };
    const after = {
      smtp: { password: "new-pa55", host: "mail" },
      hooks: [{ client_secret: "s3cr3t" }],
      access_token: "t0ken",
      input_tokens: 2,
    };
    await stack.sql`update public.organizations set settings = ${JSON.stringify(before)}::text::jsonb where id = ${organization.id}`;
    await stack.sql`update public.organizations set settings = ${JSON.stringify(after)}::text::jsonb where id = ${organization.id}`;
    const entries = await log(organization, "organization.updated");
    expect(JSON.stringify(entries)).not.toMatch(/pa55|s3cr3t|t0ken/);
    expect(entries[1]!.changes).toEqual({
      settings: {
        old: { smtp: { password: "[redacted]", host: "mail" }, hooks: [{ client_secret: "[redacted]" }], input_tokens: 1 },
        new: {
          smtp: { password: "[redacted]", host: "mail" },
          hooks: [{ client_secret: "[redacted]" }],
          access_token: "[redacted]",
          input_tokens: 2,
        },
      },
    });
  });

  test("is append-only, for its owner too", async () => {
    const organization = await makeOrganization(stack);
    const where = stack.sql`where organization_id = ${organization.id}`;
    const refused = { code: "42501", message: "The audit log is append-only." };
    expect(await refusal(stack.sql`update public.audit_log set action = 'x' ${where}`)).toMatchObject(refused);
    expect(await refusal(stack.sql`delete from public.audit_log ${where}`)).toMatchObject(refused);
    expect(await refusal(stack.sql`truncate public.audit_log`)).toMatchObject(refused);
    expect((await stack.sql`select 1 from public.audit_log ${where}`).count).toBe(2);
  });

  test("undoes its entry together with the change", async () => {
    const organization = await makeOrganization(stack);
    const change = as(stack, organization.owner, async (tx) => {
      await tx`update public.organizations set name = 'Never' where id = ${organization.id}`;
      throw new Error("changed my mind");
    });
    expect(await refusal(change)).toMatchObject({ message: "changed my mind" });
    expect((await log(organization, "organization.updated")).count).toBe(0);
  });
});
