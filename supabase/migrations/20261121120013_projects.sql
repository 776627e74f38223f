-- Projects: what an application is called inside an organization; may belong to a team.

create table public.projects (
  id uuid primary key default private.uuid_v7(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  team_id uuid,
  slug text not null constraint projects_slug_shape check (slug ~ '^[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$'),
  name text not null constraint projects_name_shape check (private.is_name(name)),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organization_id, id),
  unique (organization_id, slug),
  foreign key (organization_id, team_id) references public.teams (organization_id, id) on delete set null (team_id)
);
comment on table public.projects is 'An application or workload of an organization that costs are attributed to.';
create index projects_team on public.projects (organization_id, team_id);

create view private.project_names with (security_barrier = true) as
select p.organization_id, p.id, p.slug, p.name, p.team_id
from public.projects p
where p.organization_id = any ((select private.my_organization_ids('usage.read'))::uuid[]);
comment on view private.project_names is
  'Names of projects for whoever may read usage: a cost by project is readable to roles that may not read the projects themselves.';

create trigger touch_updated_at before update on public.projects
for each row execute function private.touch_updated_at();

alter table public.projects enable row level security;
alter table public.projects force row level security;
create policy projects_select on public.projects for select to authenticated
using (organization_id = any ((select private.my_organization_ids('projects.read'))::uuid[]));
create policy projects_insert on public.projects for insert to authenticated
with check (organization_id = any ((select private.my_organization_ids('projects.write'))::uuid[]));
create policy projects_update on public.projects for update to authenticated
using (organization_id = any ((select private.my_organization_ids('projects.write'))::uuid[]))
with check (organization_id = any ((select private.my_organization_ids('projects.write'))::uuid[]));
create policy projects_delete on public.projects for delete to authenticated
using (organization_id = any ((select private.my_organization_ids('projects.write'))::uuid[]));

grant select, delete on public.projects to authenticated;
grant insert (organization_id, team_id, slug, name), update (team_id, slug, name) on public.projects to authenticated;
grant select on public.projects to service_role;
grant select on private.project_names to authenticated;
