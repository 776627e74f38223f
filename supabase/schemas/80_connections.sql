-- Connections to providers' billing: what is configured is public and readable, the credential lies in the Vault and is handed to the
-- sync worker alone, what the worker last did is private and shown by list_connections().

create extension if not exists supabase_vault with schema vault;
create extension if not exists pg_net with schema extensions;

create table public.connections (
  id uuid primary key default private.uuid_v7(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  provider text not null constraint connections_provider check (provider in ('openai', 'anthropic', 'aws', 'google', 'azure')),
  name text not null constraint connections_name_shape check (private.is_name(name)),
  settings jsonb not null default '{}' constraint connections_settings_shape check (
    jsonb_typeof(settings) = 'object' and pg_column_size(settings) <= 4096
  ),
  key_hint text not null default '' constraint connections_key_hint_length check (char_length(key_hint) <= 12),
  is_paused boolean not null default false,
  created_by uuid references auth.users (id) on delete set null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organization_id, id)
);
comment on table public.connections is 'A provider whose bills are fetched. Written by functions only; holds no secret.';
comment on column public.connections.settings is 'What the adapter needs and is no secret: region, account, table. Its shape is the adapter''s.';
comment on column public.connections.key_hint is 'The end of the credential, enough to recognise it by.';
create index connections_created_by on public.connections (created_by);

create table private.connection_syncs (
  organization_id uuid not null,
  connection_id uuid not null,
  credential_id uuid not null,
  credential_changed_at timestamptz not null default now(),
  status text not null default 'pending' check (status in ('pending', 'connected', 'error')),
  error_code text,
  error_message text,
  failures integer not null default 0,
  backfill_from date not null,
  synced_to date not null,
  last_synced_at timestamptz,
  next_at timestamptz not null default now(),
  lease uuid,
  lease_until timestamptz,
  primary key (organization_id, connection_id),
  foreign key (organization_id, connection_id) references public.connections (organization_id, id) on delete cascade
);
comment on table private.connection_syncs is
  'Where the sync of a connection stands. Cursor: days [backfill_from, synced_to) (UTC) were fetched whole; credential_id: the secret in the Vault; lease: whoever holds it may store, nobody else; next_at: not before.';
create index connection_syncs_due on private.connection_syncs (next_at);

create table private.sync_calls (
  token_hash bytea primary key,
  called_at timestamptz not null default now(),
  used_at timestamptz
);
comment on table private.sync_calls is 'Tokens by which the scheduler lets the worker in: each opens once, for ten minutes.';

create function private.drop_credential() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  delete from vault.secrets s where s.id = old.credential_id;
  return null;
end
$$;
comment on function private.drop_credential() is 'Trigger: a credential goes with its connection, however that goes.';
create trigger drop_credential after delete on private.connection_syncs
for each row execute function private.drop_credential();

create trigger touch_updated_at before update on public.connections
for each row execute function private.touch_updated_at();
create trigger audit after insert or update or delete on public.connections
for each row execute function private.write_audit('connection', 'name');

create function private.announce(p_organization_id uuid, p_event text) returns void
language plpgsql volatile security definer set search_path = '' as $$
begin
  -- Announcing must never undo what it announces.
  begin
    perform realtime.send(jsonb_build_object('at', now()), p_event, 'organization:' || p_organization_id, true);
  exception when others then
    raise warning '% was stored but not announced: %', p_event, sqlerrm;
  end;
end
$$;
comment on function private.announce(uuid, text) is 'One ping on the organization''s private channel: query keys that begin with the event are stale.';

create function private.call_sync_worker() returns bigint
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_url text;
  v_token text;
begin
  select s.decrypted_secret into v_url from vault.decrypted_secrets s where s.name = 'project_url';
  if v_url is null or not exists (
    select from private.connection_syncs s
    join public.connections c on c.organization_id = s.organization_id and c.id = s.connection_id
    where s.next_at <= now() and (s.lease_until is null or s.lease_until < now()) and not c.is_paused
  ) then
    return null;
  end if;
  delete from private.sync_calls c where c.called_at < now() - interval '1 day';
  v_token := private.random_text();
  insert into private.sync_calls (token_hash) values (sha256(convert_to(v_token, 'UTF8')));
  return net.http_post(v_url || '/functions/v1/sync-connections', jsonb_build_object('token', v_token), timeout_milliseconds => 150000);
end
$$;
comment on function private.call_sync_worker() is
  'Asks the Edge Function sync-connections to work off what is due, with a token that opens once; null when nothing is due or the Vault holds no project_url (https://<project>.supabase.co). Asking twice is harmless: work is claimed by lease.';

create function private.open_sync_call(p_token text) returns boolean
language sql volatile security definer set search_path = '' as $$
  with opened as (
    update private.sync_calls c set used_at = now()
    where c.token_hash = sha256(convert_to(p_token, 'UTF8')) and c.used_at is null and c.called_at > now() - interval '10 minutes'
    returning 1
  )
  select exists (select from opened)
$$;
comment on function private.open_sync_call(text) is 'Whether the scheduler gave out this token; true once.';

create function private.create_connection(
  p_organization_id uuid, p_provider text, p_name text, p_settings jsonb, p_credential text, p_key_hint text
) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid;
begin
  perform private.require_permission(p_organization_id, 'connections.write');
  if p_provider is null or p_provider not in ('openai', 'anthropic', 'aws', 'google', 'azure') then
    perform private.raise_error('invalid', 'provider must be openai, anthropic, aws, google or azure.', 'provider');
  elsif private.is_name(p_name) is not true then
    perform private.raise_error('invalid', 'name must be one line of 1 to 80 characters.', 'name');
  elsif p_settings is null or jsonb_typeof(p_settings) <> 'object' or pg_column_size(p_settings) > 4096 then
    perform private.raise_error('invalid', 'settings must be an object of at most 4 KB.', 'settings');
  elsif coalesce(char_length(p_credential), 0) not between 1 and 16384 then
    perform private.raise_error('invalid', 'A credential of 1 to 16384 characters is needed.', 'credential');
  end if;
  perform from public.organizations o where o.id = p_organization_id for no key update;
  if (select count(*) from public.connections c where c.organization_id = p_organization_id) >= 50 then
    perform private.raise_error('conflict', 'The organization has 50 connections; remove some first.');
  end if;
  insert into public.connections (organization_id, provider, name, settings, key_hint, created_by)
  values (p_organization_id, p_provider, btrim(p_name), p_settings, left(coalesce(p_key_hint, ''), 12), auth.uid())
  returning id into v_id;
  insert into private.connection_syncs (organization_id, connection_id, credential_id, backfill_from, synced_to)
  select p_organization_id, v_id, vault.create_secret(p_credential, 'connection:' || v_id, 'Billing credential of a connection'), d, d
  from (select (now() at time zone 'UTC')::date - 31 as d) b;
  perform private.announce(p_organization_id, 'connections');
  perform private.call_sync_worker();
  return v_id;
end
$$;
comment on function private.create_connection(uuid, text, text, jsonb, text, text) is 'Body of public.create_connection.';

create function public.create_connection(
  p_organization_id uuid, p_provider text, p_name text, p_settings jsonb, p_credential text, p_key_hint text default ''
) returns uuid
language sql security invoker set search_path = '' as $$
  select private.create_connection(p_organization_id, p_provider, p_name, p_settings, p_credential, p_key_hint)
$$;
comment on function public.create_connection(uuid, text, text, jsonb, text, text) is
  'Connects a provider''s billing: seals the credential, from where only the sync worker gets it, and begins a backfill of 31 days. Codes: not_found, forbidden, invalid, conflict.';

create function private.rotate_connection(p_organization_id uuid, p_id uuid, p_credential text, p_key_hint text) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_credential_id uuid;
begin
  perform private.require_permission(p_organization_id, 'connections.write');
  if coalesce(char_length(p_credential), 0) not between 1 and 16384 then
    perform private.raise_error('invalid', 'A credential of 1 to 16384 characters is needed.', 'credential');
  end if;
  update private.connection_syncs s
  set credential_changed_at = now(), status = case when s.last_synced_at is null then 'pending' else 'connected' end, error_code = null,
    error_message = null, failures = 0, next_at = now(), lease = null, lease_until = null
  where s.organization_id = p_organization_id and s.connection_id = p_id
  returning s.credential_id into v_credential_id;
  if not found then
    perform private.raise_error('not_found', 'Not found.');
  end if;
  perform vault.update_secret(v_credential_id, p_credential);
  update public.connections c set key_hint = left(coalesce(p_key_hint, ''), 12), is_paused = false
  where c.organization_id = p_organization_id and c.id = p_id;
  perform private.announce(p_organization_id, 'connections');
  perform private.call_sync_worker();
end
$$;
comment on function private.rotate_connection(uuid, uuid, text, text) is 'Body of public.rotate_connection.';

create function public.rotate_connection(p_organization_id uuid, p_id uuid, p_credential text, p_key_hint text default '') returns void
language sql security invoker set search_path = '' as $$
  select private.rotate_connection(p_organization_id, p_id, p_credential, p_key_hint)
$$;
comment on function public.rotate_connection(uuid, uuid, text, text) is
  'Replaces the credential of a connection; a sync under way with the old one can no longer store. What was fetched stays. Codes: not_found, forbidden, invalid.';

create function private.pause_connection(p_organization_id uuid, p_id uuid, p_is_paused boolean) returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform private.require_permission(p_organization_id, 'connections.write');
  update public.connections c set is_paused = p_is_paused where c.organization_id = p_organization_id and c.id = p_id;
  if not found then
    perform private.raise_error('not_found', 'Not found.');
  end if;
  update private.connection_syncs s set next_at = now() where s.organization_id = p_organization_id and s.connection_id = p_id;
  perform private.announce(p_organization_id, 'connections');
  perform private.call_sync_worker();
end
$$;
comment on function private.pause_connection(uuid, uuid, boolean) is 'Body of public.pause_connection.';

create function public.pause_connection(p_organization_id uuid, p_id uuid, p_is_paused boolean) returns void
language sql security invoker set search_path = '' as $$
  select private.pause_connection(p_organization_id, p_id, p_is_paused)
$$;
comment on function public.pause_connection(uuid, uuid, boolean) is
  'Stops fetching, or goes on (false, also for one that is running: it is then fetched at once). Codes: not_found, forbidden.';

create function private.remove_connection(p_organization_id uuid, p_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_old record;
begin
  perform private.require_permission(p_organization_id, 'connections.write');
  select c.provider, s.backfill_from, s.synced_to into v_old
  from public.connections c
  join private.connection_syncs s on s.organization_id = c.organization_id and s.connection_id = c.id
  where c.organization_id = p_organization_id and c.id = p_id;
  delete from public.connections c where c.organization_id = p_organization_id and c.id = p_id;
  if not found then
    perform private.raise_error('not_found', 'Not found.');
  end if;
  perform private.reconcile(p_organization_id, v_old.provider, v_old.backfill_from, v_old.synced_to);
  perform private.announce(p_organization_id, 'connections'), private.announce(p_organization_id, 'reconciliation');
end
$$;
comment on function private.remove_connection(uuid, uuid) is 'Body of public.remove_connection.';

create function public.remove_connection(p_organization_id uuid, p_id uuid) returns void
language sql security invoker set search_path = '' as $$
  select private.remove_connection(p_organization_id, p_id)
$$;
comment on function public.remove_connection(uuid, uuid) is
  'Removes a connection with its credential and what was fetched through it. Entries of the journal stay. Codes: not_found, forbidden.';

create function private.list_connections(p_organization_id uuid) returns table (
  id uuid, provider text, name text, settings jsonb, key_hint text, is_paused boolean, status text, error_code text, error_message text,
  failures integer, is_syncing boolean, backfill_from date, synced_to date, days_done integer, days_total integer,
  last_synced_at timestamptz, next_at timestamptz, credential_changed_at timestamptz, created_at timestamptz
)
language plpgsql stable security definer set search_path = '' as $$
begin
  perform private.require_permission(p_organization_id, 'connections.read');
  return query
  select c.id, c.provider, c.name, c.settings, c.key_hint, c.is_paused, s.status, s.error_code, s.error_message, s.failures,
    coalesce(s.lease_until > now(), false), s.backfill_from, s.synced_to,
    least(s.synced_to, (now() at time zone 'UTC')::date + 1) - s.backfill_from, (now() at time zone 'UTC')::date + 1 - s.backfill_from,
    s.last_synced_at, s.next_at, s.credential_changed_at, c.created_at
  from public.connections c
  join private.connection_syncs s on s.organization_id = c.organization_id and s.connection_id = c.id
  where c.organization_id = p_organization_id
  order by c.created_at, c.id;
end
$$;
comment on function private.list_connections(uuid) is 'Body of public.list_connections.';

create function public.list_connections(p_organization_id uuid) returns table (
  id uuid, provider text, name text, settings jsonb, key_hint text, is_paused boolean, status text, error_code text, error_message text,
  failures integer, is_syncing boolean, backfill_from date, synced_to date, days_done integer, days_total integer,
  last_synced_at timestamptz, next_at timestamptz, credential_changed_at timestamptz, created_at timestamptz
)
language sql stable security invoker set search_path = '' as $$
  select * from private.list_connections(p_organization_id)
$$;
comment on function public.list_connections(uuid) is
  'How are the connections of an organization? Oldest first. status: pending (never fetched), connected, error (with error_code and error_message of the last try); days_done of days_total (UTC days since the beginning of the backfill, today included). Codes: not_found, forbidden.';

alter table public.connections enable row level security;
alter table public.connections force row level security;
create policy connections_select on public.connections for select to authenticated
using (organization_id = any ((select private.my_organization_ids('connections.read'))::uuid[]));

grant select on public.connections to authenticated, service_role;
grant execute on function private.open_sync_call(text) to tokentra_door;
grant execute on function
  private.create_connection(uuid, text, text, jsonb, text, text), public.create_connection(uuid, text, text, jsonb, text, text),
  private.rotate_connection(uuid, uuid, text, text), public.rotate_connection(uuid, uuid, text, text),
  private.pause_connection(uuid, uuid, boolean), public.pause_connection(uuid, uuid, boolean),
  private.remove_connection(uuid, uuid), public.remove_connection(uuid, uuid),
  private.list_connections(uuid), public.list_connections(uuid)
to authenticated;
