-- Rules that say whose usage is that nobody named: neither the event, nor its project, nor the key it came by.

create function private.matches_any(p_list jsonb, p_value text) returns boolean
language sql immutable parallel safe
return exists (
  select from jsonb_array_elements_text(p_list) v (pattern)
  where v.pattern = coalesce(p_value, '') or right(v.pattern, 1) = '*' and starts_with(coalesce(p_value, ''), left(v.pattern, -1))
);
comment on function private.matches_any(jsonb, text) is
  'Is the value in the list? An entry that ends with * stands for every value that begins so; the empty text for "not set".';

create function private.attribution_matches(
  p_conditions jsonb, p_api_key_id uuid, p_provider text, p_model text, p_feature text, p_environment text, p_end_user text, p_tags jsonb
) returns boolean
language sql immutable parallel safe
return (not p_conditions ? 'api_key' or private.matches_any(p_conditions -> 'api_key', p_api_key_id::text))
  and (not p_conditions ? 'provider' or private.matches_any(p_conditions -> 'provider', p_provider))
  and (not p_conditions ? 'model' or private.matches_any(p_conditions -> 'model', p_model))
  and (not p_conditions ? 'feature' or private.matches_any(p_conditions -> 'feature', p_feature))
  and (not p_conditions ? 'environment' or private.matches_any(p_conditions -> 'environment', p_environment))
  and (not p_conditions ? 'end_user' or private.matches_any(p_conditions -> 'end_user', p_end_user))
  and (not p_conditions ? 'tags' or coalesce(p_tags @> (p_conditions -> 'tags'), false));
comment on function private.attribution_matches(jsonb, uuid, text, text, text, text, text, jsonb) is
  'Does usage meet every condition of a rule? Lists: any of their entries; tags: all of them.';

create function private.is_attribution_conditions(p_conditions jsonb) returns boolean
language sql immutable parallel safe
return jsonb_typeof(p_conditions) = 'object' and p_conditions <> '{}'
  and not exists (
    select from jsonb_each(p_conditions) c
    where case
      when c.key in ('api_key', 'provider', 'model', 'feature', 'environment', 'end_user') then
        jsonb_typeof(c.value) <> 'array' or jsonb_array_length(c.value) not between 1 and 200
        or exists (select from jsonb_array_elements(c.value) e where jsonb_typeof(e) <> 'string' or length(e #>> '{}') > 300)
      when c.key = 'tags' then
        jsonb_typeof(c.value) <> 'object' or c.value = '{}' or length(c.value::text) > 4000
        or exists (select from jsonb_each(c.value) e where jsonb_typeof(e.value) <> 'string')
      else true
    end
  );
comment on function private.is_attribution_conditions(jsonb) is
  'Conditions of a rule: at least one of api_key, provider, model, feature, environment, end_user (lists of 1 to 200 texts) and tags ({name: value}).';

create table public.attribution_rules (
  id uuid primary key default private.uuid_v7(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  name text not null constraint attribution_rules_name_shape check (private.is_name(name)),
  position integer not null default 100 constraint attribution_rules_position_range check (position between 1 and 100000),
  conditions jsonb not null constraint attribution_rules_conditions_shape check (private.is_attribution_conditions(conditions)),
  team_id uuid,
  project_id uuid,
  is_enabled boolean not null default true,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organization_id, id),
  foreign key (organization_id, team_id) references public.teams (organization_id, id) on delete cascade,
  foreign key (organization_id, project_id) references public.projects (organization_id, id) on delete cascade,
  constraint attribution_rules_target check (team_id is not null or project_id is not null)
);
comment on table public.attribution_rules is
  'Usage without a team and a project of its own gets those of the first rule (by position, then age) whose conditions it meets. A rule without a team gives that of its project.';
create index attribution_rules_order on public.attribution_rules (organization_id, position, id);
create index attribution_rules_team on public.attribution_rules (organization_id, team_id);
create index attribution_rules_project on public.attribution_rules (organization_id, project_id);

create trigger touch_updated_at before update on public.attribution_rules
for each row execute function private.touch_updated_at();

alter table public.attribution_rules enable row level security;
alter table public.attribution_rules force row level security;
create policy attribution_rules_select on public.attribution_rules for select to authenticated
using (organization_id = any ((select private.my_organization_ids('teams.read'))::uuid[]));
create policy attribution_rules_insert on public.attribution_rules for insert to authenticated
with check (organization_id = any ((select private.my_organization_ids('teams.write'))::uuid[]));
create policy attribution_rules_update on public.attribution_rules for update to authenticated
using (organization_id = any ((select private.my_organization_ids('teams.write'))::uuid[]))
with check (organization_id = any ((select private.my_organization_ids('teams.write'))::uuid[]));
create policy attribution_rules_delete on public.attribution_rules for delete to authenticated
using (organization_id = any ((select private.my_organization_ids('teams.write'))::uuid[]));

create trigger audit after insert or update or delete on public.attribution_rules
for each row execute function private.write_audit('attribution_rule', 'name');

grant execute on function private.is_attribution_conditions(jsonb) to authenticated;
grant select, delete on public.attribution_rules to authenticated;
grant insert (organization_id, name, position, conditions, team_id, project_id, is_enabled),
  update (name, position, conditions, team_id, project_id, is_enabled) on public.attribution_rules to authenticated;
grant select on public.attribution_rules to service_role;
