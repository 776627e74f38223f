-- API keys: what a machine shows. Readable here are name, prefix and scopes; the SHA-256 of the key lives in private.

create table public.api_keys (
  id uuid primary key default private.uuid_v7(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  name text not null constraint api_keys_name_shape check (private.is_name(name)),
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

create view private.usable_api_keys as
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

create function private.check_api_key_target(p_organization_id uuid, p_team_id uuid, p_project_id uuid) returns void
language plpgsql stable security definer set search_path = '' as $$
begin
  if p_team_id is not null
    and not exists (select from public.teams t where t.organization_id = p_organization_id and t.id = p_team_id) then
    perform private.raise_error('not_found', 'Not found.', 'team_id');
  end if;
  if p_project_id is not null
    and not exists (select from public.projects p where p.organization_id = p_organization_id and p.id = p_project_id) then
    perform private.raise_error('not_found', 'Not found.', 'project_id');
  end if;
end
$$;
comment on function private.check_api_key_target(uuid, uuid, uuid) is 'Refuses a team or project of somebody else exactly like a missing one.';

create function private.create_api_key(
  p_organization_id uuid, p_name text, p_scopes text[], p_kind text default 'live', p_team_id uuid default null,
  p_project_id uuid default null, p_environment text default null, p_expires_at timestamptz default null
) returns table (id uuid, key text, prefix text)
language plpgsql security definer set search_path = '' as $$
declare
  v_key text;
  v_id uuid;
begin
  perform private.require_permission(p_organization_id, 'api_keys.write');
  if private.is_name(p_name) is not true then
    perform private.raise_error('invalid', 'name must be one line of 1 to 80 characters.', 'name');
  end if;
  if coalesce(cardinality(p_scopes), 0) = 0 or array_position(p_scopes, null) is not null
    or not p_scopes <@ array['ingest', 'gateway', 'read', 'admin'] then
    perform private.raise_error('invalid', 'scopes must be some of ingest, gateway, read, admin.', 'scopes');
  end if;
  if p_kind is null or p_kind not in ('live', 'test') then
    perform private.raise_error('invalid', 'kind must be live or test.', 'kind');
  end if;
  if char_length(p_environment) not between 1 and 64 then
    perform private.raise_error('invalid', 'environment must have 1 to 64 characters.', 'environment');
  end if;
  if p_expires_at <= now() then
    perform private.raise_error('invalid', 'expires_at must be in the future.', 'expires_at');
  end if;
  perform private.check_api_key_target(p_organization_id, p_team_id, p_project_id);
  perform from public.organizations o where o.id = p_organization_id for no key update;
  if (select count(*) from public.api_keys k where k.organization_id = p_organization_id and k.revoked_at is null) >= 1000 then
    perform private.raise_error('conflict', 'The organization has 1,000 keys; revoke some first.');
  end if;
  v_key := 'tt_' || p_kind || '_' || private.random_text();
  insert into public.api_keys (
    organization_id, name, prefix, kind, scopes, team_id, project_id, environment, expires_at, created_by
  ) values (
    p_organization_id, btrim(p_name), left(v_key, 12), p_kind,
    array(select s from unnest(p_scopes) s group by s order by array_position(array['ingest', 'gateway', 'read', 'admin'], s)),
    p_team_id, p_project_id, p_environment, p_expires_at, auth.uid()
  ) returning api_keys.id into v_id;
  insert into private.api_key_secrets (key_hash, organization_id, api_key_id)
  values (sha256(convert_to(v_key, 'UTF8')), p_organization_id, v_id);
  return query select v_id, v_key, left(v_key, 12);
end
$$;
comment on function private.create_api_key(uuid, text, text[], text, uuid, uuid, text, timestamptz) is 'Body of public.create_api_key.';

create function public.create_api_key(
  p_organization_id uuid, p_name text, p_scopes text[], p_kind text default 'live', p_team_id uuid default null,
  p_project_id uuid default null, p_environment text default null, p_expires_at timestamptz default null
) returns table (id uuid, key text, prefix text)
language sql security invoker set search_path = '' as $$
  select * from private.create_api_key(
    p_organization_id, p_name, p_scopes, p_kind, p_team_id, p_project_id, p_environment, p_expires_at
  )
$$;
comment on function public.create_api_key(uuid, text, text[], text, uuid, uuid, text, timestamptz) is
  'Makes a key and returns it, the only time it can be seen. Codes: not_found (organization, team, project), forbidden, invalid, conflict.';

create function private.rotate_api_key(p_organization_id uuid, p_id uuid, p_overlap_seconds integer default 86400)
returns table (id uuid, key text, prefix text, previous_expires_at timestamptz)
language plpgsql security definer set search_path = '' as $$
declare
  v_key text;
  v_old public.api_keys;
  v_until timestamptz;
begin
  perform private.require_permission(p_organization_id, 'api_keys.write');
  if p_overlap_seconds is null or p_overlap_seconds not between 0 and 2592000 then
    perform private.raise_error('invalid', 'overlap_seconds must be between 0 and 2592000 (30 days).', 'overlap_seconds');
  end if;
  select k.* into v_old from public.api_keys k where k.organization_id = p_organization_id and k.id = p_id for update;
  if not found then
    perform private.raise_error('not_found', 'Not found.');
  end if;
  if v_old.revoked_at is not null or v_old.expires_at <= now() then
    perform private.raise_error('conflict', 'This key is revoked or expired; create a new one.');
  end if;
  v_key := 'tt_' || v_old.kind || '_' || private.random_text();
  v_until := least(now() + make_interval(secs => p_overlap_seconds), v_old.expires_at);
  -- A rotation within the overlap of another one never lengthens the life of what is on its way out.
  update private.api_key_secrets s set expires_at = least(s.expires_at, v_until)
  where s.organization_id = p_organization_id and s.api_key_id = p_id;
  insert into private.api_key_secrets (key_hash, organization_id, api_key_id)
  values (sha256(convert_to(v_key, 'UTF8')), p_organization_id, p_id);
  update public.api_keys k set prefix = left(v_key, 12) where k.organization_id = p_organization_id and k.id = p_id;
  return query select p_id, v_key, left(v_key, 12), v_until;
end
$$;
comment on function private.rotate_api_key(uuid, uuid, integer) is 'Body of public.rotate_api_key.';

create function public.rotate_api_key(p_organization_id uuid, p_id uuid, p_overlap_seconds integer default 86400)
returns table (id uuid, key text, prefix text, previous_expires_at timestamptz)
language sql security invoker set search_path = '' as $$
  select * from private.rotate_api_key(p_organization_id, p_id, p_overlap_seconds)
$$;
comment on function public.rotate_api_key(uuid, uuid, integer) is
  'Gives a key a new secret, returned once; the old one works for p_overlap_seconds more (0 to 30 days). Id, scopes and history stay. Codes: not_found, forbidden, invalid, conflict.';

create function private.revoke_api_key(p_organization_id uuid, p_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform private.require_permission(p_organization_id, 'api_keys.write');
  update public.api_keys k set revoked_at = coalesce(k.revoked_at, now())
  where k.organization_id = p_organization_id and k.id = p_id;
  if not found then
    perform private.raise_error('not_found', 'Not found.');
  end if;
end
$$;
comment on function private.revoke_api_key(uuid, uuid) is 'Body of public.revoke_api_key.';

create function public.revoke_api_key(p_organization_id uuid, p_id uuid) returns void
language sql security invoker set search_path = '' as $$
  select private.revoke_api_key(p_organization_id, p_id)
$$;
comment on function public.revoke_api_key(uuid, uuid) is
  'Ends a key with all its secrets at once; doing it twice is fine. Codes: not_found, forbidden.';

create trigger audit after insert or update or delete on public.api_keys
for each row execute function private.write_audit('api_key', 'name');

alter table public.api_keys enable row level security;
alter table public.api_keys force row level security;
create policy api_keys_select on public.api_keys for select to authenticated
using (organization_id = any ((select private.my_organization_ids('api_keys.read'))::uuid[]));

grant select on public.api_keys to authenticated, service_role;
grant select on private.api_key_names to authenticated;
grant execute on function private.use_api_key(bytea, text) to tokentra_door;
grant execute on function private.touch_api_keys(uuid[]) to tokentra_door;
grant execute on function
  private.create_api_key(uuid, text, text[], text, uuid, uuid, text, timestamptz),
  public.create_api_key(uuid, text, text[], text, uuid, uuid, text, timestamptz),
  private.rotate_api_key(uuid, uuid, integer), public.rotate_api_key(uuid, uuid, integer),
  private.revoke_api_key(uuid, uuid), public.revoke_api_key(uuid, uuid)
to authenticated;
