import { beforeAll, describe, expect, test } from "vitest";
import { makeApiKey, makeMember, makeOrganization, makeUser, signedIn, visitor } from "../../tests/support/people.ts";
import { type TestStack, testStack } from "../../tests/support/stack.ts";

let stack: TestStack;
beforeAll(async () => {
  stack = await testStack();
});

describe("over HTTP, with a real session", () => {
  test("a person makes an organization, invites another, who joins; both see the same team, a stranger sees nothing", async () => {
    const [owner, guest, stranger] = [await makeUser(stack), await makeUser(stack), await makeUser(stack)];
    const ownerClient = await signedIn(stack, owner);
    const { data: organization, error } = await ownerClient.rpc("create_organization", {
      p_name: "Real session",
      p_time_zone: "Europe/Berlin",
    });
    expect(error).toBeNull();
    expect(organization).toMatchObject({ name: "Real session", time_zone: "Europe/Berlin", is_demo: false });
    const team = await ownerClient.from("teams").insert({ organization_id: organization.id, slug: "core", name: "Core" }).select().single();
    expect(team.error).toBeNull();

    const invited = await ownerClient
      .rpc("create_invitation", { p_organization_id: organization.id, p_email: guest.email, p_role: "member" })
      .single<{ token: string }>();
    expect(invited.error).toBeNull();
    const preview = await visitor(stack).rpc("invitation_preview", { p_token: invited.data!.token }).single();
    expect(preview.data).toMatchObject({ organization_name: "Real session", role: "member", state: "pending" });

    const guestClient = await signedIn(stack, guest);
    expect((await guestClient.from("teams").select("name")).data).toEqual([]);
    expect((await guestClient.rpc("accept_invitation", { p_token: invited.data!.token })).data).toMatchObject({ id: organization.id });
    expect((await guestClient.from("teams").select("name")).data).toEqual([{ name: "Core" }]);
    expect((await guestClient.rpc("my_organizations")).data).toMatchObject([{ id: organization.id, role: "member" }]);

    const strangerClient = await signedIn(stack, stranger);
    expect((await strangerClient.from("teams").select("name")).data).toEqual([]);
    expect((await strangerClient.from("teams").select("name").eq("organization_id", organization.id)).data).toEqual([]);
  });

  test("refusals arrive as the status of their code, the same for foreign and missing", async () => {
    const organization = await makeOrganization(stack);
    const there = await makeOrganization(stack);
    const viewer = await makeMember(stack, organization, "viewer");
    const client = await signedIn(stack, viewer);
    const list = (id: string) => client.rpc("organization_members_list", { p_organization_id: id });
    const own = await list(organization.id);
    expect([own.status, own.error?.message]).toEqual([403, "Your role does not allow this."]);
    const [foreign, missing] = [await list(there.id), await list(crypto.randomUUID())];
    expect([foreign.status, foreign.error?.message]).toEqual([404, "Not found."]);
    expect(JSON.stringify(foreign)).toBe(JSON.stringify(missing));
    const conflict = await (await signedIn(stack, organization.owner)).rpc("remove_member", {
      p_organization_id: organization.id,
      p_user_id: organization.owner.id,
    });
    expect([conflict.status, JSON.parse(conflict.error?.details ?? "{}")]).toEqual([409, { code: "conflict", field: "role" }]);
    const slug = await client.rpc("create_organization", { p_name: "X", p_slug: "Not A Slug" });
    expect([slug.status, JSON.parse(slug.error?.details ?? "{}")]).toEqual([400, { code: "invalid", field: "slug" }]);
  });

  test("a write that the role does not allow changes nothing", async () => {
    const organization = await makeOrganization(stack, { name: "Unmoved" });
    const admin = await makeMember(stack, organization, "admin");
    const client = await signedIn(stack, admin);
    const update = await client.from("organizations").update({ name: "Moved" }).eq("id", organization.id).select();
    expect([update.error, update.data]).toEqual([null, []]);
    const insert = await client.from("organization_members").insert({ organization_id: organization.id, user_id: admin.id, role: "owner" });
    expect(insert.status).toBe(403);
    expect((await client.from("audit_log").delete().eq("organization_id", organization.id)).status).toBe(403);
    const [row] = await stack.sql`select name from public.organizations where id = ${organization.id}`;
    expect(row!.name).toBe("Unmoved");
  });

  test("visitors reach no table and no function but the preview, and private is not exposed", async () => {
    const organization = await makeOrganization(stack);
    const key = await makeApiKey(stack, organization);
    const client = visitor(stack);
    for (const table of [
      "organizations",
      "organization_members",
      "teams",
      "projects",
      "api_keys",
      "invitations",
      "audit_log",
      "role_permissions",
    ])
      expect([table, (await client.from(table).select("*")).status]).toEqual([table, 401]);
    expect((await client.rpc("my_organizations")).status).toBe(401);
    const owner = await signedIn(stack, organization.owner);
    expect((await owner.schema("private").from("api_key_secrets").select("*")).status).toBe(406);
    expect((await owner.from("api_key_secrets").select("*")).status).toBe(404);
    expect((await owner.rpc("erase_organization", { p_organization_id: organization.id })).status).toBe(404);
    const keys = await owner.from("api_keys").select("*").single();
    expect(keys.data).toMatchObject({ id: key.id, prefix: key.prefix });
    expect(JSON.stringify(keys.data)).not.toContain(key.key);
  });

  test("a removed member is out with the token still in hand", async () => {
    const organization = await makeOrganization(stack);
    const person = await makeMember(stack, organization, "admin");
    const client = await signedIn(stack, person);
    expect((await client.from("organizations").select("id")).data).toEqual([{ id: organization.id }]);
    const owner = await signedIn(stack, organization.owner);
    expect((await owner.rpc("remove_member", { p_organization_id: organization.id, p_user_id: person.id })).error).toBeNull();
    expect((await client.from("organizations").select("id")).data).toEqual([]);
    expect((await client.rpc("organization_members_list", { p_organization_id: organization.id })).status).toBe(404);
  });

  test("the token says nothing about organizations", async () => {
    const organization = await makeOrganization(stack);
    const { data } = await (await signedIn(stack, organization.owner)).auth.getSession();
    const claims = JSON.parse(Buffer.from(data.session!.access_token.split(".")[1]!, "base64url").toString("utf8"));
    expect(claims.sub).toBe(organization.owner.id);
    expect(JSON.stringify(claims)).not.toContain(organization.id);
  });

  test("the audit log keeps the request id of the API request", async () => {
    const organization = await makeOrganization(stack);
    const { data } = await (await signedIn(stack, organization.owner)).auth.getSession();
    const response = await fetch(`${stack.supabaseUrl}/rest/v1/organizations?id=eq.${organization.id}`, {
      method: "PATCH",
      headers: {
        apikey: stack.publishableKey,
        authorization: `Bearer ${data.session!.access_token}`,
        "content-type": "application/json",
        "x-request-id": "from-the-page-1",
      },
      body: JSON.stringify({ name: "Renamed" }),
    });
    expect(response.ok).toBe(true);
    const rows = await stack.sql`
      select request_id, actor_label from public.audit_log where organization_id = ${organization.id} and action = 'organization.updated'`;
    expect([...rows]).toEqual([{ request_id: "from-the-page-1", actor_label: organization.owner.email }]);
  });
});
