-- API keys: what a machine shows. Readable here are name, prefix and scopes; the SHA-256 of the key lives in private.

create table public.api_keys (
  id uuid primary key default private.uuid_v7(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  name text not null constraint api_keys_name_length check (char_length(btrim(name)) between 1 and 80),
  prefix text not null,
  kind text not null constraint api_keys_kind check (kind in ('live', 'test')),
  scopes text[] not null constraint api_keys_scopes check (
    cardinality(scopes) between 1 and 4 and scopes <@ array['ingest', 'gateway', 'read', 'admin'] and array_position(scopes, null) is null
  ),
  team_id uuid,
  project_id uuid,
  environment text constraint api_keys_environment_length check (char_length(environment) between 1 and 64),
  expires_at timestamptz,
  revoked_at timestamptz,
  last_used_at timestamptz,
  created_by uuid references auth.users (id) on delete set null,
  created_at timestamptz not null default now(),
  unique (organization_id, id),
  foreign key (organization_id, team_id) references public.teams (organization_id, id) on delete set null (team_id),
  foreign key (organization_id, project_id) references public.projects (organization_id, id) on delete set null (project_id)
);
comment on table public.api_keys is 'Keys of an organization, without their secret. Written by functions only.';
comment on column public.api_keys.prefix is 'The first characters of the newest secret, enough to recognise it by.';
comment on column public.api_keys.team_id is 'What the key sends is attributed to this team unless the event names one.';
comment on column public.api_keys.last_used_at is 'True to the minute.';
create index api_keys_team on public.api_keys (organization_id, team_id);
create index api_keys_project on public.api_keys (organization_id, project_id);
create index api_keys_created_by on public.api_keys (created_by);

create table private.api_key_secrets (
  key_hash bytea primary key constraint api_key_secrets_hash_length check (octet_length(key_hash) = 32),
  organization_id uuid not null,
  api_key_id uuid not null,
  expires_at timestamptz,
  created_at timestamptz not null default now(),
  foreign key (organization_id, api_key_id) references public.api_keys (organization_id, id) on delete cascade
);
comment on table private.api_key_secrets is
  'SHA-256 of each key; 256 random bits need no slow hash. A key has two while a rotation overlaps: the old one then carries expires_at.';
create index api_key_secrets_api_key on private.api_key_secrets (organization_id, api_key_id);

create table private.api_key_scope_permissions (
  scope text not null,
  permission public.permission not null,
  primary key (scope, permission)
);
comment on table private.api_key_scope_permissions is 'What a transaction opened with a key under a scope may read, in the words of role_permissions.';
insert into private.api_key_scope_permissions (scope, permission)
select 'read', p from unnest(array['organization.read', 'usage.read', 'prices.read', 'teams.read', 'projects.read']::public.permission[]) p;

create view private.usable_api_keys with (security_barrier = true) as
select s.key_hash, k.organization_id, k.id as api_key_id, k.kind, k.scopes, k.team_id, k.project_id, k.environment
from private.api_key_secrets s
join public.api_keys k on k.organization_id = s.organization_id and k.id = s.api_key_id
where k.revoked_at is null
  and (k.expires_at is null or k.expires_at > now())
  and (s.expires_at is null or s.expires_at > now());
comment on view private.usable_api_keys is
  'Secrets that open something at this moment: not revoked, not expired, not rotated away. The only place that decides this.';

create view private.api_key_names with (security_barrier = true) as
select k.organization_id, k.id, k.name, k.prefix
from public.api_keys k
where k.organization_id = any ((select private.my_organization_ids('usage.read'))::uuid[]);
comment on view private.api_key_names is 'Names of keys for whoever may read usage.';

create function private.use_api_key(p_key_hash bytea, p_scope text)
returns table (outcome text, organization_id uuid, api_key_id uuid)
language plpgsql security definer set search_path = '' as $$
declare
  v_key record;
begin
  perform set_config('tokentra.api_key_hash', '', true), set_config('tokentra.api_key_scope', '', true),
    set_config('tokentra.api_key_id', '', true);
  select k.organization_id, k.api_key_id, k.scopes into v_key from private.usable_api_keys k where k.key_hash = p_key_hash;
  if not found then
    return query select 'unauthenticated'::text, null::uuid, null::uuid;
    return;
  end if;
  if p_scope is null or not p_scope = any (v_key.scopes) then
    return query select 'forbidden'::text, null::uuid, null::uuid;
    return;
  end if;
  -- The hash, not the id, is what later statements are checked by: an id can be known without ever having held the key.
  perform set_config('tokentra.api_key_hash', encode(p_key_hash, 'hex'), true),
    set_config('tokentra.api_key_scope', p_scope, true),
    set_config('tokentra.api_key_id', v_key.api_key_id::text, true);
  return query select 'ok'::text, v_key.organization_id, v_key.api_key_id;
end
$$;
comment on function private.use_api_key(bytea, text) is
  'Opens the rest of the transaction as a key under one of its scopes. outcome: ok, unauthenticated (unknown, revoked, expired: not told apart) or forbidden (scope missing).';

create function private.touch_api_keys(p_api_key_ids uuid[]) returns void
language sql security definer set search_path = '' as $$
  update public.api_keys set last_used_at = now()
  where id in (
    select k.id from public.api_keys k
    where k.id = any (p_api_key_ids) and (k.last_used_at is null or k.last_used_at < now() - interval '1 minute')
    order by k.id
    for no key update skip locked
  )
$$;
comment on function private.touch_api_keys(uuid[]) is
  'Notes that keys were used, at most once a minute each and never waiting for another writer; called after the request was answered.';

alter table public.api_keys enable row level security;
alter table public.api_keys force row level security;
create policy api_keys_select on public.api_keys for select to authenticated
using (organization_id = any ((select private.my_organization_ids('api_keys.read'))::uuid[]));

grant select on public.api_keys to authenticated, service_role;
grant select on private.api_key_names to authenticated;
grant execute on function private.use_api_key(bytea, text) to tokentra_door;
grant execute on function private.touch_api_keys(uuid[]) to tokentra_door;
