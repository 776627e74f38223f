import { beforeAll, describe, expect, test } from "vitest";
import { ApiKeyInput } from "../../lib/api-keys/schema.ts";
import { InvitationInput, OrganizationInput, slugOf, TeamInput } from "../../lib/orgs/schema.ts";
import { as, makeOrganization, type Organization, tryAs } from "../../tests/support/people.ts";
import { refusal } from "../../tests/support/refusal.ts";
import { type TestStack, testStack } from "../../tests/support/stack.ts";

let stack: TestStack;
let organization: Organization;
beforeAll(async () => {
  stack = await testStack();
  organization = await makeOrganization(stack);
});

const names = [
  "A",
  "Größe & Söhne",
  "日本語チーム",
  "שלום",
  "🦊".repeat(80),
  "🦊".repeat(81),
  "x".repeat(80),
  "x".repeat(81),
  "",
  "   ",
  "\u00a0",
  "two\nlines",
  "tab\tbed",
  "bell\u0007",
  "c1\u0085control",
  "<script>alert(1)</script>",
  "' or 1=1 --",
  "{{ .Token }}",
];
const slugs = ["a", "a-b", "0", "a--b", "-a", "a-", "A", "a_b", "a b", "ä", "", "a".repeat(48), "a".repeat(49), "a\n", "a\nb"];

/** A form and the database have to agree, or a form shows an error the database would not make, or the other way round. */
describe("forms and the database take the same", () => {
  test("names", async () => {
    for (const name of names) {
      const form = TeamInput.safeParse({ name, slug: "s" });
      const database = await refusal(
        tryAs(
          stack,
          organization.owner,
          (tx) => tx`insert into public.teams (organization_id, slug, name) values (${organization.id}, 's', ${form.data?.name ?? name})`,
        ),
      );
      expect([name, form.success]).toEqual([name, database === null]);
    }
  });

  test("slugs", async () => {
    for (const slug of slugs) {
      const form = TeamInput.safeParse({ name: "Team", slug });
      const database = await refusal(
        tryAs(
          stack,
          organization.owner,
          (tx) =>
            tx`insert into public.teams (organization_id, slug, name) values (${organization.id}, ${form.data?.slug ?? slug}, 'Team')`,
        ),
      );
      expect([slug, form.success]).toEqual([slug, database === null]);
    }
  });

  test("time zones", async () => {
    for (const time_zone of [
      "UTC",
      "Europe/Berlin",
      "Asia/Kathmandu",
      "America/Argentina/Buenos_Aires",
      "Mars/Olympus",
      "",
      "+05:30",
      "CEST",
    ]) {
      const form = OrganizationInput.safeParse({ name: "X", time_zone });
      const database = await refusal(
        tryAs(
          stack,
          organization.owner,
          (tx) => tx`update public.organizations set time_zone = ${time_zone} where id = ${organization.id}`,
        ),
      );
      expect([time_zone, form.success]).toEqual([time_zone, database === null]);
    }
  });

  test("what a form takes for an invitation and a key, the database takes", async () => {
    for (const email of [
      "a@example.com",
      " MiXed@Example.COM ",
      "first.last+tag@sub.example.co.uk",
      "ü@example.com",
      "nobody",
      "a b@example.com",
    ]) {
      const form = InvitationInput.safeParse({ email, role: "member" });
      if (!form.success) continue;
      const { email: address, role } = form.data;
      expect(
        await refusal(
          tryAs(stack, organization.owner, (tx) => tx`select public.create_invitation(${organization.id}, ${address}, ${role})`),
        ),
      ).toBeNull();
      expect(address).toBe(email.trim().toLowerCase());
    }
    const key = ApiKeyInput.parse({ name: " Key ", scopes: ["read", "ingest"], expires_at: "2999-01-01T00:00:00+01:00" });
    const [made] = await as(stack, organization.owner, async (tx) => {
      const [id] = await tx`
        select id from public.create_api_key(
          ${organization.id}, ${key.name}, ${key.scopes}, ${key.kind}, ${key.team_id}, ${key.project_id}, ${key.environment}, ${key.expires_at})`;
      return tx`select name, scopes, kind, expires_at from public.api_keys where id = ${id!.id as string}`;
    });
    expect(made).toEqual({ name: "Key", scopes: ["ingest", "read"], kind: "live", expires_at: new Date("2998-12-31T23:00:00Z") });
    for (const scopes of [[], ["root"], ["read", "read"]]) expect(ApiKeyInput.safeParse({ name: "Key", scopes }).success).toBe(false);
  });

  test("a slug proposed for a name is a slug, or nothing", () => {
    expect(slugOf("Größe & Söhne!")).toBe("grosse-sohne");
    for (const name of [...names, `${"a".repeat(47)} b`, "--", "É"]) {
      const slug = slugOf(name);
      expect([name, slug === "" || TeamInput.safeParse({ name: "Team", slug }).success]).toEqual([name, true]);
    }
  });
});
