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

create function private.is_reserved_slug(p_slug text) returns boolean
language sql immutable strict parallel safe
return p_slug in (
  'api', 'app', 'assets', 'auth', 'docs', 'functions', 'health', 'invite', 'login', 'logout', 'mailbox', 'new', 'pricing', 'public',
  'realtime', 'reset', 'rest', 'settings', 'signup', 'static', 'storage', 'v1', 'www'
);
comment on function private.is_reserved_slug(text) is
  'The slug is the first segment of every page of an organization, beside the pages of the product itself.';

create table public.organizations (
  id uuid primary key default private.uuid_v7(),
  slug text not null unique
    constraint organizations_slug_shape check (slug ~ '^[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$')
    constraint organizations_slug_free check (not private.is_reserved_slug(slug)),
  name text not null constraint organizations_name_shape check (private.is_name(name)),
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

create function private.require_user() returns uuid
language plpgsql stable security definer set search_path = '' as $$
declare
  v_user_id uuid := auth.uid();
begin
  -- A token outlives its user for up to an hour.
  if v_user_id is null or not exists (select from auth.users u where u.id = v_user_id) then
    perform private.raise_error('unauthenticated', 'Sign in first.');
  end if;
  return v_user_id;
end
$$;
comment on function private.require_user() is 'The signed-in person, or a refusal.';

create function private.check_time_zone() returns trigger
language plpgsql set search_path = '' as $$
begin
  -- Reading the list means reading 600 files, so the default is let through.
  if new.time_zone <> 'UTC' and not exists (
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

create function private.free_slug(p_name text) returns text
language plpgsql stable security definer set search_path = '' as $$
declare
  v_plain text := regexp_replace(replace(normalize(lower(p_name), nfkd), 'ß', 'ss'), '[\u0300-\u036f]', '', 'g');
  v_base text := coalesce(nullif(btrim(left(btrim(regexp_replace(v_plain, '[^a-z0-9]+', '-', 'g'), '-'), 40), '-'), ''), 'organization');
begin
  return case
    when exists (select from public.organizations o where o.slug = v_base)
      or private.is_reserved_slug(v_base)
    then v_base || '-' || left(encode(extensions.gen_random_bytes(3), 'hex'), 6)
    else v_base
  end;
end
$$;
comment on function private.free_slug(text) is 'A slug made of the name; with a random tail when the plain one is taken.';

create function private.create_organization(p_name text, p_slug text default null, p_time_zone text default 'UTC')
returns public.organizations
language plpgsql security definer set search_path = '' as $$
declare
  v_user_id uuid := private.require_user();
  v_organization public.organizations;
begin
  if private.is_name(p_name) is not true then
    perform private.raise_error('invalid', 'name must be one line of 1 to 80 characters.', 'name');
  end if;
  if p_slug is not null and p_slug !~ '^[a-z0-9]([a-z0-9-]{0,46}[a-z0-9])?$' then
    perform private.raise_error('invalid', 'slug must be 1 to 48 lower case letters, digits and inner hyphens.', 'slug');
  end if;
  if (select count(*) from public.organization_members m where m.user_id = v_user_id and m.role = 'owner') >= 50 then
    perform private.raise_error('conflict', 'You own 50 organizations already.');
  end if;
  begin
    insert into public.organizations (name, slug, time_zone)
    values (btrim(p_name), coalesce(p_slug, private.free_slug(p_name)), coalesce(p_time_zone, 'UTC'))
    returning * into v_organization;
  exception
    when unique_violation then
      perform private.raise_error('conflict', 'This slug is taken.', 'slug');
    when check_violation then
      perform private.raise_error('invalid', 'This slug cannot be used.', 'slug');
  end;
  insert into public.organization_members (organization_id, user_id, role) values (v_organization.id, v_user_id, 'owner');
  return v_organization;
end
$$;
comment on function private.create_organization(text, text, text) is 'Body of public.create_organization.';

create function public.create_organization(p_name text, p_slug text default null, p_time_zone text default 'UTC')
returns public.organizations
language sql security invoker set search_path = '' as $$
  select private.create_organization(p_name, p_slug, p_time_zone)
$$;
comment on function public.create_organization(text, text, text) is
  'Makes an organization with the caller as its owner. Without a slug one is made of the name. Codes: invalid, conflict (slug taken), unauthenticated.';

create function private.my_organizations()
returns table (id uuid, slug text, name text, role public.organization_role, is_demo boolean, time_zone text, permissions text[])
language sql stable security definer set search_path = '' as $$
  select o.id, o.slug, o.name, m.role, o.is_demo, o.time_zone,
    array(select r.permission::text from public.role_permissions r where r.role = m.role order by r.permission)
  from public.organization_members m
  join public.organizations o on o.id = m.organization_id
  where m.user_id = auth.uid()
  order by lower(o.name), o.id
$$;
comment on function private.my_organizations() is 'Body of public.my_organizations.';

create function public.my_organizations()
returns table (id uuid, slug text, name text, role public.organization_role, is_demo boolean, time_zone text, permissions text[])
language sql stable security invoker set search_path = '' as $$
  select * from private.my_organizations()
$$;
comment on function public.my_organizations() is
  'The organizations of the signed-in person by name, with the role held there and the permissions it carries.';

create function private.erase_organization(p_organization_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_table regclass;
begin
  delete from public.organizations o where o.id = p_organization_id;
  -- Metering tables carry no foreign key (it would cost every insert), so they are found by their column.
  for v_table in
    select c.oid::regclass
    from pg_catalog.pg_class c
    join pg_catalog.pg_attribute a on a.attrelid = c.oid and a.attname = 'organization_id' and not a.attisdropped
    where c.relnamespace = 'private'::regnamespace and c.relkind in ('r', 'p') and not c.relispartition
  loop
    execute format('delete from %s where organization_id = $1', v_table) using p_organization_id;
  end loop;
end
$$;
comment on function private.erase_organization(uuid) is 'Removes an organization and everything that carries its id, for good. No caller is checked here.';

create function private.delete_organization(p_organization_id uuid, p_slug text) returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform private.require_permission(p_organization_id, 'organization.delete');
  if not exists (select from public.organizations o where o.id = p_organization_id and o.slug = p_slug) then
    perform private.raise_error('invalid', 'Type the slug of the organization to delete it.', 'slug');
  end if;
  perform private.erase_organization(p_organization_id);
end
$$;
comment on function private.delete_organization(uuid, text) is 'Body of public.delete_organization.';

create function public.delete_organization(p_organization_id uuid, p_slug text) returns void
language sql security invoker set search_path = '' as $$
  select private.delete_organization(p_organization_id, p_slug)
$$;
comment on function public.delete_organization(uuid, text) is
  'Deletes an organization with all its records; an owner repeats its slug to confirm. Codes: not_found, forbidden, invalid.';

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
grant execute on function private.is_reserved_slug(text) to authenticated;
grant execute on function private.my_organization_ids(public.permission) to authenticated;
grant execute on function private.require_permission(uuid, public.permission) to authenticated;
grant execute on function private.create_organization(text, text, text), public.create_organization(text, text, text),
  private.my_organizations(), public.my_organizations(),
  private.delete_organization(uuid, text), public.delete_organization(uuid, text)
to authenticated;
