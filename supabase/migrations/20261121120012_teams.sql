-- Teams and who is in them.

create table public.teams (
  id uuid primary key default private.uuid_v7(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  slug text not null constraint teams_slug_shape check (slug ~ '^[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$'),
  name text not null constraint teams_name_shape check (private.is_name(name)),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organization_id, id),
  unique (organization_id, slug)
);
comment on table public.teams is 'A part of an organization that costs are attributed to.';

create table public.team_members (
  organization_id uuid not null,
  team_id uuid not null,
  user_id uuid not null,
  created_at timestamptz not null default now(),
  primary key (organization_id, team_id, user_id),
  foreign key (organization_id, team_id) references public.teams (organization_id, id) on delete cascade,
  foreign key (organization_id, user_id) references public.organization_members (organization_id, user_id) on delete cascade
);
comment on table public.team_members is 'Members of a team; they are members of its organization first.';
create index team_members_user on public.team_members (organization_id, user_id);

create view private.team_names with (security_barrier = true) as
select t.organization_id, t.id, t.slug, t.name
from public.teams t
where t.organization_id = any ((select private.my_organization_ids('usage.read'))::uuid[]);
comment on view private.team_names is
  'Names of teams for whoever may read usage: a cost by team is readable to roles that may not read the teams themselves.';

create trigger touch_updated_at before update on public.teams
for each row execute function private.touch_updated_at();

alter table public.teams enable row level security;
alter table public.teams force row level security;
create policy teams_select on public.teams for select to authenticated
using (organization_id = any ((select private.my_organization_ids('teams.read'))::uuid[]));
create policy teams_insert on public.teams for insert to authenticated
with check (organization_id = any ((select private.my_organization_ids('teams.write'))::uuid[]));
create policy teams_update on public.teams for update to authenticated
using (organization_id = any ((select private.my_organization_ids('teams.write'))::uuid[]))
with check (organization_id = any ((select private.my_organization_ids('teams.write'))::uuid[]));
create policy teams_delete on public.teams for delete to authenticated
using (organization_id = any ((select private.my_organization_ids('teams.write'))::uuid[]));

alter table public.team_members enable row level security;
alter table public.team_members force row level security;
create policy team_members_select on public.team_members for select to authenticated
using (organization_id = any ((select private.my_organization_ids('teams.read'))::uuid[]));
create policy team_members_insert on public.team_members for insert to authenticated
with check (organization_id = any ((select private.my_organization_ids('teams.write'))::uuid[]));
create policy team_members_delete on public.team_members for delete to authenticated
using (organization_id = any ((select private.my_organization_ids('teams.write'))::uuid[]));

grant select, delete on public.teams, public.team_members to authenticated;
grant insert (organization_id, slug, name), update (slug, name) on public.teams to authenticated;
grant insert (organization_id, team_id, user_id) on public.team_members to authenticated;
grant select on public.teams, public.team_members to service_role;
grant select on private.team_names to authenticated;
