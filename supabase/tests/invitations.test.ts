import { beforeAll, describe, expect, test } from "vitest";
import { interleave } from "../../tests/support/interleave.ts";
import { as, become, makeMember, makeOrganization, makeUser, type Organization, type Person } from "../../tests/support/people.ts";
import { refusal } from "../../tests/support/refusal.ts";
import { type TestStack, testStack } from "../../tests/support/stack.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await testStack();
});

const address = () => `${crypto.randomUUID()}@example.com`;

async function invite(organization: Organization, email: string, role = "member", by: Person = organization.owner) {
  const [made] = await as(
    stack,
    by,
    (tx) => tx<{ id: string; token: string; expires_at: Date }[]>`
      select * from public.create_invitation(${organization.id}, ${email}, ${role}::text::public.organization_role)`,
  );
  return made!;
}
const accept = (who: Person, token: string) => as(stack, who, (tx) => tx`select * from public.accept_invitation(${token})`);
const preview = async (token: string) => (await as(stack, "anon", (tx) => tx`select * from public.invitation_preview(${token})`))[0];
const revoke = (organization: Organization, id: string) =>
  as(stack, organization.owner, (tx) => tx`select public.revoke_invitation(${organization.id}, ${id})`);
const rolesIn = async (organization: Organization, person: Person) =>
  (await stack.sql`select role from public.organization_members where organization_id = ${organization.id} and user_id = ${person.id}`).map(
    (row) => row.role,
  );

describe("an invitation", () => {
  test("is accepted by the invited address, whatever its case, and gives the preset role", async () => {
    const organization = await makeOrganization(stack);
    const email = address();
    const { token, expires_at } = await invite(organization, `  ${email.toUpperCase()} `, "billing");
    expect(token).toMatch(/^[A-Za-z0-9_-]{43}$/);
    const days = (expires_at.getTime() - Date.now()) / 86_400_000;
    expect(days).toBeGreaterThan(6.99);
    expect(days).toBeLessThan(7.01);
    const person = await makeUser(stack, { email });
    // Addresses are compared without case on both sides.
    await stack.sql`update auth.users set email = ${email.toUpperCase()} where id = ${person.id}`;
    const [joined] = await accept(person, token);
    expect(joined).toMatchObject({ id: organization.id, slug: organization.slug });
    expect(await rolesIn(organization, person)).toEqual(["billing"]);
  });

  test("is refused to another address, an unconfirmed one and a visitor", async () => {
    const organization = await makeOrganization(stack);
    const email = address();
    const { token } = await invite(organization, email);
    const other = await makeUser(stack);
    expect(await refusal(accept(other, token))).toMatchObject({ code: "forbidden" });
    const unconfirmed = await makeUser(stack, { email, isConfirmed: false });
    expect(await refusal(accept(unconfirmed, token))).toMatchObject({ code: "forbidden" });
    expect(await refusal(as(stack, "anon", (tx) => tx`select public.accept_invitation(${token})`))).toMatchObject({ code: "42501" });
    expect(await rolesIn(organization, other)).toEqual([]);
    await stack.sql`update auth.users set email_confirmed_at = now() where id = ${unconfirmed.id}`;
    expect(await refusal(accept(unconfirmed, token))).toBeNull();
  });

  test("works once: again by the same member is the same answer, after removal it is used up", async () => {
    const organization = await makeOrganization(stack);
    const person = await makeUser(stack);
    const { token } = await invite(organization, person.email);
    await accept(person, token);
    expect((await accept(person, token))[0]).toMatchObject({ id: organization.id });
    await as(stack, organization.owner, (tx) => tx`select public.remove_member(${organization.id}, ${person.id})`);
    expect(await refusal(accept(person, token))).toMatchObject({ code: "conflict", field: "token" });
    expect(await rolesIn(organization, person)).toEqual([]);
  });

  test("is accepted once when clicked twice at the same moment", async () => {
    const organization = await makeOrganization(stack);
    const person = await makeUser(stack);
    const { token } = await invite(organization, person.email);
    const { result, waited } = await interleave(
      stack,
      async (tx) => {
        await become(tx, person);
        await tx`select public.accept_invitation(${token})`;
        await tx`reset role`;
      },
      () => refusal(accept(person, token)),
    );
    expect([waited, result]).toEqual([true, null]);
    const entries = await stack.sql`
      select 1 from public.audit_log where organization_id = ${organization.id} and action = 'invitation.accepted'`;
    expect(entries.count).toBe(1);
  });

  test("does not lower somebody who joined otherwise", async () => {
    const organization = await makeOrganization(stack);
    const person = await makeUser(stack);
    const { token } = await invite(organization, person.email, "viewer");
    await stack.sql`
      insert into public.organization_members (organization_id, user_id, role) values (${organization.id}, ${person.id}, 'admin')`;
    await accept(person, token);
    expect(await rolesIn(organization, person)).toEqual(["admin"]);
  });

  test("expires", async () => {
    const organization = await makeOrganization(stack);
    const person = await makeUser(stack);
    const { id, token } = await invite(organization, person.email);
    await stack.sql`update public.invitations set expires_at = now() where id = ${id}`;
    expect(await preview(token)).toMatchObject({ state: "expired" });
    expect(await refusal(accept(person, token))).toMatchObject({ code: "conflict", message: "This invitation was expired already." });
  });

  test("is revoked, twice if need be, but not once it is accepted", async () => {
    const organization = await makeOrganization(stack);
    const person = await makeUser(stack);
    const { id, token } = await invite(organization, person.email);
    await revoke(organization, id);
    await revoke(organization, id);
    expect(await preview(token)).toMatchObject({ state: "revoked" });
    expect(await refusal(accept(person, token))).toMatchObject({ code: "conflict" });
    const second = await invite(organization, person.email);
    await accept(person, second.token);
    expect(await refusal(revoke(organization, second.id))).toMatchObject({ code: "conflict" });
  });

  test("replaces the open one for the same address", async () => {
    const organization = await makeOrganization(stack);
    const email = address();
    const first = await invite(organization, email);
    const second = await invite(organization, email.toUpperCase(), "viewer");
    expect(await preview(first.token)).toMatchObject({ state: "revoked" });
    expect(await preview(second.token)).toMatchObject({ state: "pending", role: "viewer" });
    await Promise.all([invite(organization, email), invite(organization, email), invite(organization, email)]);
    const open = await stack.sql`
      select 1 from public.invitations where organization_id = ${organization.id} and accepted_at is null and revoked_at is null`;
    expect(open.count).toBe(1);
  });

  test("is refused for a member, and for what is no address", async () => {
    const organization = await makeOrganization(stack);
    const member = await makeMember(stack, organization, "viewer");
    expect(await refusal(invite(organization, member.email.toUpperCase()))).toMatchObject({ code: "conflict", field: "email" });
    for (const email of ["", "nobody", "a b@example.com", "a@b@c", `${"x".repeat(250)}@example.com`])
      expect([email, await refusal(invite(organization, email))]).toEqual([
        email,
        expect.objectContaining({ code: "invalid", field: "email" }),
      ]);
  });

  test("shows its holder little, and a stranger nothing", async () => {
    const organization = await makeOrganization(stack);
    const { token } = await invite(organization, "grace.hopper@example.com");
    expect(await preview(token)).toEqual({
      organization_name: organization.name,
      role: "member",
      email_masked: "g***@example.com",
      state: "pending",
      expires_at: expect.any(Date),
    });
    expect(await preview("x".repeat(43))).toBeUndefined();
    expect(await preview("")).toBeUndefined();
    expect(await refusal(accept(await makeUser(stack), "x".repeat(43)))).toMatchObject({ code: "not_found" });
  });

  test("keeps its token nowhere in clear", async () => {
    const organization = await makeOrganization(stack);
    const { id, token } = await invite(organization, address());
    const [row] = await stack.sql`
      select to_jsonb(i)::text as invitation, s.token_hash = sha256(convert_to(${token}, 'UTF8')) as is_hashed,
        (select string_agg(to_jsonb(a)::text, ' ') from public.audit_log a where a.organization_id = i.organization_id) as log
      from public.invitations i join private.invitation_secrets s on s.invitation_id = i.id where i.id = ${id}`;
    expect(row!.is_hashed).toBe(true);
    expect(row!.log).toContain("invitation.created");
    expect(row!.invitation + row!.log).not.toContain(token);
  });
});
