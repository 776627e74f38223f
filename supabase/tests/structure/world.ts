import { type OrganizationRole, organizationRoles } from "../../../lib/orgs/schema.ts";
import { as, makeApiKey, makeMember, makeOrganization, makeUser, type Organization, type Person } from "../../../tests/support/people.ts";
import type { TestStack } from "../../../tests/support/stack.ts";

export interface Tenant {
  organization: Organization;
  people: Record<OrganizationRole, Person>;
  /** Member of no team. */
  teamless: Person;
  teamId: string;
  projectId: string;
  apiKeyId: string;
  invitationId: string;
  connectionId: string;
  adjustmentId: string;
  importId: string;
}

export interface World {
  here: Tenant;
  there: Tenant;
  /** Owns an organization of their own and belongs to neither of the two. */
  outsider: Person;
  /** Belongs to nothing. */
  loose: Person;
}

/** One organization with a person in every role and at least one row in every tenant table. */
export async function makeTenant(stack: TestStack): Promise<Tenant> {
  const organization = await makeOrganization(stack);
  const people = { owner: organization.owner } as Record<OrganizationRole, Person>;
  for (const role of organizationRoles) if (role !== "owner") people[role] = await makeMember(stack, organization, role);
  const teamless = await makeMember(stack, organization, "viewer");
  const made = await as(stack, organization.owner, async (tx) => {
    const [team] = await tx<{ id: string }[]>`
      insert into public.teams (organization_id, slug, name) values (${organization.id}, 'research', 'Research') returning id`;
    await tx`insert into public.team_members (organization_id, team_id, user_id) values (${organization.id}, ${team!.id}, ${people.member.id})`;
    const [project] = await tx<{ id: string }[]>`
      insert into public.projects (organization_id, team_id, slug, name)
      values (${organization.id}, ${team!.id}, 'search', 'Search') returning id`;
    await tx`
      insert into public.attribution_rules (organization_id, name, conditions, team_id)
      values (${organization.id}, 'Research by feature', '{"feature": ["research-*"]}', ${team!.id})`;
    await tx`select public.save_view(${organization.id}, 'Research', 'explore', 'by=feature', true)`;
    const [invitation] = await tx<{ id: string }[]>`
      select id from public.create_invitation(${organization.id}, ${`${crypto.randomUUID()}@example.com`}, 'viewer')`;
    return { teamId: team!.id, projectId: project!.id, invitationId: invitation!.id };
  });
  const apiKey = await makeApiKey(stack, organization, { teamId: made.teamId, projectId: made.projectId });
  const billed = await makeBilled(stack, organization);
  const [imported] = await stack.sql<{ id: string }[]>`
    insert into public.imports (organization_id, file_name, file_bytes, file_digest, adapter, columns_digest, is_dry_run)
    values (${organization.id}, 'usage.csv', 1, repeat('0', 64), 'tokentra', repeat('0', 64), false) returning id`;
  return { organization, people, teamless, apiKeyId: apiKey.id, ...billed, importId: imported!.id, ...made };
}

/** Two organizations that look alike, and two people outside both. */
export async function makeWorld(stack: TestStack): Promise<World> {
  const here = await makeTenant(stack);
  const there = await makeTenant(stack);
  const outsider = (await makeOrganization(stack)).owner;
  return { here, there, outsider, loose: await makeUser(stack) };
}

/** A connection that has fetched two lines of a bill, $5 twelve days ago (entered into the journal) and $7 ten days ago (not yet). */
async function makeBilled(stack: TestStack, { id, owner }: Organization): Promise<{ connectionId: string; adjustmentId: string }> {
  const [connection] = await as(
    stack,
    owner,
    (tx) => tx<{ id: string }[]>`select public.create_connection(${id}, 'openai', 'Billing', '{}', 'sk-admin-0000') as id`,
  );
  const connectionId = connection!.id;
  await stack.sql`
    update private.connection_syncs set last_synced_at = now(), synced_to = current_date + 1, next_at = 'infinity'
    where organization_id = ${id} and connection_id = ${connectionId}`;
  await stack.sql`
    insert into private.provider_cost_lines (organization_id, connection_id, day, project, provider_key, line_item, model, component, amount)
    select ${id}, ${connectionId}, current_date - ago, '', 'key_1', 'web search', '', 'other', amount
    from (values (10, 7), (12, 5)) b (ago, amount)`;
  await stack.sql`insert into private.provider_keys (organization_id, connection_id, provider_key) values (${id}, ${connectionId}, 'key_1')`;
  const [entry] = await as(
    stack,
    owner,
    (tx) => tx<{ id: string }[]>`select public.adjust_to_bill(${id}, current_date - 12, current_date - 11, 'As billed', '5') as id`,
  );
  return { connectionId, adjustmentId: entry!.id };
}

/** Whether a role holds a permission, from the table that decides it. */
export async function rolePermissions(stack: TestStack): Promise<(role: string, permission: string) => boolean> {
  const rows = await stack.sql<{ role: string; permission: string }[]>`select role, permission from public.role_permissions`;
  const held = new Set(rows.map((row) => `${row.role} ${row.permission}`));
  return (role, permission) => held.has(`${role} ${permission}`);
}
