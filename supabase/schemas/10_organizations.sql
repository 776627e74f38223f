-- Organizations, who belongs to them, and the one permission table that row-level security and the application both read.

create type public.organization_role as enum ('owner', 'admin', 'member', 'viewer', 'billing');
comment on type public.organization_role is 'What a person is in an organization; role_permissions says what that allows.';

create type public.permission as enum (
  'organization.read', 'organization.write', 'organization.delete',
  'members.read', 'members.write',
  'teams.read', 'teams.write',
  'projects.read', 'projects.write',
  'api_keys.read', 'api_keys.write',
  'usage.read',
  'prices.read', 'prices.write',
  'audit.read',
  'billing.read', 'billing.write',
  'budgets.read', 'budgets.write',
  'alerts.read', 'alerts.write',
  'connections.read', 'connections.write',
  'routing.read', 'routing.write',
  'recommendations.read',
  'assistant.use'
);
comment on type public.permission is 'Closed list of what a role can allow, named subject.verb.';

create table public.organizations (
  id uuid primary key default private.uuid_v7(),
  slug text not null unique
    constraint organizations_slug_shape check (slug ~ '^[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$')
    constraint organizations_slug_free check (
      -- The slug is the first segment of every page of the organization, beside the pages of the product itself.
      slug <> all (array[
        'api', 'app', 'assets', 'auth', 'demo-data', 'docs', 'functions', 'health', 'invite', 'login', 'logout', 'mailbox',
        'new', 'pricing', 'public', 'reset', 'rest', 'realtime', 'settings', 'signup', 'static', 'storage', 'v1', 'www'
      ])
    ),
  name text not null constraint organizations_name_length check (char_length(btrim(name)) between 1 and 80),
  time_zone text not null default 'UTC',
  currency text not null default 'USD' constraint organizations_currency check (currency = 'USD'),
  plan text not null default 'free' constraint organizations_plan check (plan ~ '^[a-z][a-z0-9_]{0,31}$'),
  is_demo boolean not null default false,
  settings jsonb not null default '{}'
    constraint organizations_settings_shape check (jsonb_typeof(settings) = 'object' and pg_column_size(settings) <= 16384),
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
comment on table public.organizations is 'The tenant. Everything a customer owns carries its id.';
comment on column public.organizations.time_zone is 'IANA name; days, weeks and months of every screen and budget are counted in it.';

create table public.role_permissions (
  role public.organization_role not null,
  permission public.permission not null,
  primary key (role, permission)
);
comment on table public.role_permissions is 'Role × permission: the only place that says what a role may do.';

insert into public.role_permissions (role, permission)
select 'owner'::public.organization_role, p from unnest(enum_range(null::public.permission)) p
union all
select r, p
from unnest(array['admin', 'billing']::public.organization_role[]) r, unnest(enum_range(null::public.permission)) p
where p::text like '%.read'
union all
select 'admin', p from unnest(array[
  'members.write', 'teams.write', 'projects.write', 'api_keys.write', 'budgets.write', 'alerts.write', 'connections.write',
  'routing.write', 'assistant.use'
]::public.permission[]) p
union all
select 'billing', 'billing.write'
union all
select 'member', p from unnest(array[
  'organization.read', 'usage.read', 'prices.read', 'teams.read', 'projects.read', 'recommendations.read', 'assistant.use'
]::public.permission[]) p
union all
select 'viewer', p from unnest(array['organization.read', 'usage.read', 'prices.read']::public.permission[]) p;

create table public.organization_members (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  user_id uuid not null references auth.users (id) on delete cascade,
  role public.organization_role not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  primary key (organization_id, user_id)
);
comment on table public.organization_members is 'Which person is what in which organization. Written by functions only; never cached in a token.';
create index organization_members_user_id on public.organization_members (user_id);

create function private.my_organization_ids(p_permission public.permission default 'organization.read') returns uuid[]
language plpgsql stable security definer set search_path = '' as $$
declare
  v_key_hash text := nullif(current_setting('tokentra.api_key_hash', true), '');
  v_ids uuid[];
begin
  if v_key_hash is not null then
    select array_agg(k.organization_id) into v_ids
    from private.usable_api_keys k
    join private.api_key_scope_permissions s
      on s.scope = current_setting('tokentra.api_key_scope', true) and s.scope = any (k.scopes) and s.permission = p_permission
    where k.key_hash = decode(v_key_hash, 'hex');
  else
    select array_agg(m.organization_id) into v_ids
    from public.organization_members m
    join public.role_permissions r on r.role = m.role and r.permission = p_permission
    where m.user_id = auth.uid();
  end if;
  return coalesce(v_ids, '{}');
end
$$;
comment on function private.my_organization_ids(public.permission) is
  'The one sentence of tenancy: organizations in which the caller holds the permission. The caller is the verified session, or, once private.use_api_key opened the transaction, that key alone. Use as: organization_id = any ((select private.my_organization_ids(''usage.read''))::uuid[]).';

create function private.require_permission(p_organization_id uuid, p_permission public.permission) returns void
language plpgsql stable security definer set search_path = '' as $$
begin
  if p_organization_id is null or not p_organization_id = any (private.my_organization_ids('organization.read')) then
    perform private.raise_error('not_found', 'Not found.');
  end if;
  if not p_organization_id = any (private.my_organization_ids(p_permission)) then
    perform private.raise_error('forbidden', 'Your role does not allow this.');
  end if;
end
$$;
comment on function private.require_permission(uuid, public.permission) is
  'First line of every function that acts on an organization. A foreign organization and a missing one get the same not_found; a member without the permission gets forbidden.';

create function private.check_time_zone() returns trigger
language plpgsql set search_path = '' as $$
begin
  if not exists (
    select from pg_catalog.pg_timezone_names z
    where z.name = new.time_zone and z.name !~ '^(posix/|right/|posixrules$|localtime$|Factory$)'
  ) then
    perform private.raise_error('invalid', 'time_zone must be an IANA time zone such as Europe/Berlin.', 'time_zone');
  end if;
  return new;
end
$$;
comment on function private.check_time_zone() is 'Trigger: a check constraint may not read pg_timezone_names.';

create trigger check_time_zone_on_insert before insert on public.organizations
for each row execute function private.check_time_zone();
create trigger check_time_zone_on_update before update of time_zone on public.organizations
for each row when (new.time_zone is distinct from old.time_zone) execute function private.check_time_zone();
create trigger touch_updated_at before update on public.organizations
for each row execute function private.touch_updated_at();
create trigger touch_updated_at before update on public.organization_members
for each row execute function private.touch_updated_at();

alter table public.organizations enable row level security;
alter table public.organizations force row level security;
create policy organizations_select on public.organizations for select to authenticated
using (id = any ((select private.my_organization_ids('organization.read'))::uuid[]));
create policy organizations_update on public.organizations for update to authenticated
using (id = any ((select private.my_organization_ids('organization.write'))::uuid[]))
with check (id = any ((select private.my_organization_ids('organization.write'))::uuid[]));

alter table public.role_permissions enable row level security;
alter table public.role_permissions force row level security;
create policy role_permissions_select on public.role_permissions for select to authenticated using (true);

alter table public.organization_members enable row level security;
alter table public.organization_members force row level security;
create policy organization_members_select on public.organization_members for select to authenticated
using (organization_id = any ((select private.my_organization_ids('members.read'))::uuid[]));

grant select on public.organizations, public.role_permissions, public.organization_members to authenticated, service_role;
grant update (name, time_zone) on public.organizations to authenticated;
grant execute on function private.my_organization_ids(public.permission) to authenticated, service_role, tokentra_door;
