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
    select from private.connection_syncs c where c.next_at <= now() and (c.lease_until is null or c.lease_until < now())
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

-- What providers say: usage and costs by day, as fetched. Never part of a total by itself; reconciliation lays it beside what was tracked.
-- Rows are found by the provider's own bucket identity, so that fetching a window again replaces it and changes nothing else.

create table private.provider_usage (
  organization_id uuid not null,
  connection_id uuid not null,
  day date not null,
  project text not null,
  provider_key text not null,
  model text not null,
  service_tier text not null,
  region text not null,
  unit text not null,
  quantity numeric not null check (quantity >= 0),
  fetched_at timestamptz not null default now(),
  primary key (organization_id, connection_id, day, project, provider_key, model, service_tier, region, unit),
  foreign key (organization_id, connection_id) references public.connections (organization_id, id) on delete cascade
);
comment on table private.provider_usage is
  'Quantities as the provider reports them: day (UTC), the provider''s project and key, model as served, tier of the price book, unit (input_tokens without what was cached, cached_input_tokens, cache_write_5m_tokens, cache_write_1h_tokens, input_audio_tokens, output_tokens, output_audio_tokens, requests, or another billed unit). Empty text = the provider does not say.';

create table private.provider_cost_lines (
  organization_id uuid not null,
  connection_id uuid not null,
  day date not null,
  project text not null,
  provider_key text not null,
  line_item text not null,
  model text not null,
  component text not null check (component in ('input', 'cached_input', 'cache_write', 'output', 'other')),
  amount numeric not null,
  fetched_at timestamptz not null default now(),
  primary key (organization_id, connection_id, day, project, provider_key, line_item),
  foreign key (organization_id, connection_id) references public.connections (organization_id, id) on delete cascade
);
comment on table private.provider_cost_lines is
  'What the provider bills, in US dollars, every digit it gives: day (UTC), project, key, and the line in the provider''s words, read as model (empty = no model) and component of cost.';

create table private.provider_keys (
  organization_id uuid not null,
  connection_id uuid not null,
  provider_key text not null,
  api_key_id uuid,
  first_seen_at timestamptz not null default now(),
  primary key (organization_id, connection_id, provider_key),
  foreign key (organization_id, connection_id) references public.connections (organization_id, id) on delete cascade,
  foreign key (organization_id, api_key_id) references public.api_keys (organization_id, id) on delete set null (api_key_id)
);
comment on table private.provider_keys is 'The provider''s keys that appeared in its reports, and which of our keys uses them (null = not linked).';
create index provider_keys_api_key on private.provider_keys (organization_id, api_key_id);

create function private.claim_syncs(p_limit integer default 5, p_organization_id uuid default null) returns table (
  organization_id uuid, connection_id uuid, provider text, settings jsonb, credential text, lease uuid, window_from date, window_to date
)
language plpgsql volatile security definer set search_path = '' as $$
#variable_conflict use_column
begin
  return query
  with due as (
    select s.organization_id, s.connection_id from private.connection_syncs s
    join public.connections c on c.organization_id = s.organization_id and c.id = s.connection_id
    where s.next_at <= now() and (s.lease_until is null or s.lease_until < now()) and not c.is_paused
      and (p_organization_id is null or s.organization_id = p_organization_id)
    order by s.next_at
    limit least(greatest(p_limit, 1), 50)
    for update of s skip locked
  ),
  claimed as (
    update private.connection_syncs s set lease = gen_random_uuid(), lease_until = now() + interval '5 minutes'
    from due d where s.organization_id = d.organization_id and s.connection_id = d.connection_id
    returning s.*
  )
  select m.organization_id, m.connection_id, c.provider, c.settings, v.decrypted_secret, m.lease, w.first,
    least(w.first + 8, (now() at time zone 'UTC')::date + 1)
  from claimed m
  join public.connections c on c.organization_id = m.organization_id and c.id = m.connection_id
  join vault.decrypted_secrets v on v.id = m.credential_id
  -- Providers correct the last days for a while, so every fetch begins two days before the cursor.
  cross join lateral (select least(greatest(m.backfill_from, m.synced_to - 2), (now() at time zone 'UTC')::date) as first) w;
end
$$;
comment on function private.claim_syncs(integer, uuid) is
  'For the sync worker: connections that are due, leased to the caller for five minutes, each with its credential and the days (UTC, half-open, at most 8) to fetch next. What another worker holds is passed over. p_organization_id: of this organization only.';

create function private.store_sync_window(
  p_connection_id uuid, p_lease uuid, p_from date, p_to date, p_usage jsonb, p_costs jsonb
) returns boolean
language plpgsql volatile security definer set search_path = '' set jit = off as $$
#variable_conflict use_column
declare
  v_sync private.connection_syncs;
  v_provider text;
  v_now timestamptz := clock_timestamp();
  v_is_done boolean;
begin
  select s.* into v_sync from private.connection_syncs s
  where s.connection_id = p_connection_id and s.lease = p_lease and s.lease_until > v_now
  for update;
  if not found then
    return null; -- a zombie: somebody else holds the connection, or its credential changed
  end if;
  select c.provider into v_provider from public.connections c where c.organization_id = v_sync.organization_id and c.id = p_connection_id;

  insert into private.provider_usage as u (
    organization_id, connection_id, day, project, provider_key, model, service_tier, region, unit, quantity, fetched_at
  )
  select v_sync.organization_id, p_connection_id, r.day, coalesce(r.project, ''), coalesce(r.provider_key, ''), r.model,
    coalesce(r.service_tier, ''), coalesce(r.region, ''), r.unit, max(r.quantity), v_now
  from jsonb_to_recordset(p_usage) r (
    day date, project text, provider_key text, model text, service_tier text, region text, unit text, quantity numeric
  )
  where r.day >= p_from and r.day < p_to
  group by 3, 4, 5, 6, 7, 8, 9
  on conflict (organization_id, connection_id, day, project, provider_key, model, service_tier, region, unit)
  do update set quantity = excluded.quantity, fetched_at = excluded.fetched_at;
  delete from private.provider_usage u
  where u.organization_id = v_sync.organization_id and u.connection_id = p_connection_id and u.day >= p_from and u.day < p_to
    and u.fetched_at < v_now;

  insert into private.provider_cost_lines as l (
    organization_id, connection_id, day, project, provider_key, line_item, model, component, amount, fetched_at
  )
  select distinct on (r.day, coalesce(r.project, ''), coalesce(r.provider_key, ''), r.line_item)
    v_sync.organization_id, p_connection_id, r.day, coalesce(r.project, ''), coalesce(r.provider_key, ''), r.line_item,
    coalesce(r.model, ''), r.component, r.amount, v_now
  from jsonb_to_recordset(p_costs) r (
    day date, project text, provider_key text, line_item text, model text, component text, amount numeric
  )
  where r.day >= p_from and r.day < p_to
  on conflict (organization_id, connection_id, day, project, provider_key, line_item)
  do update set model = excluded.model, component = excluded.component, amount = excluded.amount, fetched_at = excluded.fetched_at;
  delete from private.provider_cost_lines l
  where l.organization_id = v_sync.organization_id and l.connection_id = p_connection_id and l.day >= p_from and l.day < p_to
    and l.fetched_at < v_now;

  insert into private.provider_keys (organization_id, connection_id, provider_key)
  select distinct v_sync.organization_id, p_connection_id, k.provider_key
  from (
    select r.provider_key from jsonb_to_recordset(p_usage) r (provider_key text)
    union all
    select r.provider_key from jsonb_to_recordset(p_costs) r (provider_key text)
  ) k
  where k.provider_key <> ''
  on conflict do nothing;

  v_is_done := p_to > (v_now at time zone 'UTC')::date;
  update private.connection_syncs s
  set status = 'connected', error_code = null, error_message = null, failures = 0, last_synced_at = v_now,
    synced_to = greatest(s.synced_to, p_to), lease = null, lease_until = null,
    next_at = case when v_is_done then v_now + interval '14 minutes' else v_now end
  where s.organization_id = v_sync.organization_id and s.connection_id = p_connection_id;
  perform private.reconcile(v_sync.organization_id, v_provider, p_from, p_to);
  perform private.announce(v_sync.organization_id, 'connections'), private.announce(v_sync.organization_id, 'reconciliation');
  return v_is_done;
end
$$;
comment on function private.store_sync_window(uuid, uuid, date, date, jsonb, jsonb) is
  'For the sync worker: puts everything the provider reports for the days [p_from, p_to) in the place of what was stored for them, moves the cursor and reconciles, all or nothing. Storing the same again changes nothing. True: up to date; false: more days wait (due at once); null: the lease is gone, nothing was stored.';

create function private.fail_sync(
  p_connection_id uuid, p_lease uuid, p_code text, p_message text, p_retry_after_seconds integer default null
) returns void
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_organization_id uuid;
begin
  update private.connection_syncs s
  set status = 'error', error_code = left(p_code, 40), error_message = left(p_message, 500), failures = s.failures + 1,
    lease = null, lease_until = null,
    -- Full steps of 15 minutes doubling to 6 hours, spread by a quarter either way, never before the provider said.
    next_at = now() + greatest(
      make_interval(secs => least(900 * power(2, least(s.failures, 5)), 21600) * (0.75 + random() / 2)),
      make_interval(secs => least(coalesce(p_retry_after_seconds, 0), 86400)))
  where s.connection_id = p_connection_id and s.lease = p_lease
  returning s.organization_id into v_organization_id;
  if found then
    perform private.announce(v_organization_id, 'connections');
  end if;
end
$$;
comment on function private.fail_sync(uuid, uuid, text, text, integer) is
  'For the sync worker: notes why a fetch failed (code and a sentence for people) and when to try again: back-off with jitter, or the provider''s Retry-After when that is later. What was stored before stays.';

create function private.list_provider_keys(p_organization_id uuid) returns table (
  connection_id uuid, connection_name text, provider text, provider_key text, api_key_id uuid, first_seen_at timestamptz
)
language plpgsql stable security definer set search_path = '' as $$
begin
  perform private.require_permission(p_organization_id, 'connections.read');
  return query
  select k.connection_id, c.name, c.provider, k.provider_key, k.api_key_id, k.first_seen_at
  from private.provider_keys k
  join public.connections c on c.organization_id = k.organization_id and c.id = k.connection_id
  where k.organization_id = p_organization_id
  order by c.name, k.provider_key
  limit 1000;
end
$$;
comment on function private.list_provider_keys(uuid) is 'Body of public.list_provider_keys.';

create function public.list_provider_keys(p_organization_id uuid) returns table (
  connection_id uuid, connection_name text, provider text, provider_key text, api_key_id uuid, first_seen_at timestamptz
)
language sql stable security invoker set search_path = '' as $$
  select * from private.list_provider_keys(p_organization_id)
$$;
comment on function public.list_provider_keys(uuid) is
  'Which of the provider''s own keys appeared in its reports, and which of our keys each belongs to? By connection and key, at most 1,000. Codes: not_found, forbidden.';

create function private.link_provider_key(p_organization_id uuid, p_connection_id uuid, p_provider_key text, p_api_key_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_sync record;
begin
  perform private.require_permission(p_organization_id, 'connections.write');
  if p_api_key_id is not null and not exists (
    select from public.api_keys k where k.organization_id = p_organization_id and k.id = p_api_key_id
  ) then
    perform private.raise_error('not_found', 'Not found.', 'api_key_id');
  end if;
  update private.provider_keys k set api_key_id = p_api_key_id
  where k.organization_id = p_organization_id and k.connection_id = p_connection_id and k.provider_key = p_provider_key;
  if not found then
    perform private.raise_error('not_found', 'Not found.');
  end if;
  select c.provider, s.backfill_from, s.synced_to into v_sync
  from private.connection_syncs s
  join public.connections c on c.organization_id = s.organization_id and c.id = s.connection_id
  where s.organization_id = p_organization_id and s.connection_id = p_connection_id;
  perform private.reconcile(p_organization_id, v_sync.provider, v_sync.backfill_from, v_sync.synced_to);
  perform private.announce(p_organization_id, 'reconciliation');
end
$$;
comment on function private.link_provider_key(uuid, uuid, text, uuid) is 'Body of public.link_provider_key.';

create function public.link_provider_key(p_organization_id uuid, p_connection_id uuid, p_provider_key text, p_api_key_id uuid default null)
returns void
language sql security invoker set search_path = '' as $$
  select private.link_provider_key(p_organization_id, p_connection_id, p_provider_key, p_api_key_id)
$$;
comment on function public.link_provider_key(uuid, uuid, text, uuid) is
  'Says which of our keys a provider''s key belongs to (null = none), so that both are reconciled as one. Codes: not_found, forbidden.';

grant execute on function
  private.claim_syncs(integer, uuid), private.store_sync_window(uuid, uuid, date, date, jsonb, jsonb),
  private.fail_sync(uuid, uuid, text, text, integer)
to tokentra_door;
grant execute on function
  private.list_provider_keys(uuid), public.list_provider_keys(uuid),
  private.link_provider_key(uuid, uuid, text, uuid), public.link_provider_key(uuid, uuid, text, uuid)
to authenticated;

-- Reconciliation: per day (UTC, as providers bill), line (model and component of cost) and key, what was tracked beside what is billed, and
-- the difference taken apart into six classes whose sum is the difference, to the last digit.
--
-- With q = quantity, r(s) = our rate for the unit at tier s that day, t = tracked, p = as the provider reports, B = billed, C = tracked cost:
--   1. A day the provider has not settled (24 hours after its end have not been fetched): all of B − C is timing.
--   2. Per model, unit and key, tiers where p > t and tiers where t > p are set against each other: the overlap m is the same tokens under
--      another tier. tier = Σ r(s)·overlap(s where p > t) − Σ r(s)·overlap(s where t > p), tiers in alphabetical order.
--   3. The rest, v = Σp − Σt, is set against the opposite rest of the next day, day by day within a month: what one day lacks and its
--      neighbour has too much was counted on the other side of midnight. timing = ± r(s)·that.
--   4. What is left of v: positive → untracked = r(s)·v; negative → not_reported = r(s)·v.
--   5. What is left of B − C (prices, not quantities): billed without any quantity reported → not_reported; nothing tracked at all → untracked;
--      nothing billed nor reported → not_reported; at most half of the last digit the provider gives, half a cent at most and a billionth at
--      least, per billed line → rounding; else rate.
-- Without a rate of ours for a unit, steps 2 to 4 value it at 0 and step 5 takes it.

create table private.reconciliation_tracked (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  provider text not null,
  day date not null,
  model text not null,
  service_tier text not null,
  key text not null,
  component text not null,
  unit text not null,
  quantity numeric not null,
  cost numeric not null,
  primary key (organization_id, provider, day, model, service_tier, key, component, unit)
);
comment on table private.reconciliation_tracked is
  'Usage records summed for reconciliation: by UTC day, model as sent, tier and our key (empty = none). Quantities by unit with cost 0; the cost of a component on its row with an empty unit. Renewed for the days that are reconciled.';

create table private.reconciliation_lines (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  provider text not null,
  day date not null,
  model text not null,
  component text not null,
  key text not null,
  tracked numeric not null,
  billed numeric not null,
  untracked numeric not null,
  tier numeric not null,
  rate numeric not null,
  rounding numeric not null,
  timing numeric not null,
  not_reported numeric not null,
  tracked_quantity numeric not null,
  billed_quantity numeric not null,
  is_settled boolean not null,
  reconciled_at timestamptz not null default now(),
  primary key (organization_id, provider, day, model, component, key)
);
comment on table private.reconciliation_lines is
  'Tracked and billed per day, line and key. model: of the price book (empty = a fee without a model); key: our API key (empty = not linked, or the provider bills without keys). billed − tracked = untracked + tier + rate + rounding + timing + not_reported, exactly; entries of the journal are not in it.';

create function private.reconciliation_component(p_unit text) returns text
language sql immutable parallel safe
return case
  when p_unit in ('input_tokens', 'input_audio_tokens') then 'input'
  when p_unit = 'cached_input_tokens' then 'cached_input'
  when p_unit in ('cache_write_5m_tokens', 'cache_write_1h_tokens') then 'cache_write'
  when p_unit in ('output_tokens', 'output_audio_tokens') then 'output'
  else 'other'
end;
comment on function private.reconciliation_component(text) is 'The component of cost a unit is billed under, as in price_leaves().';

create function private.overlap(p_from numeric, p_to numeric, p_low numeric, p_high numeric) returns numeric
language sql immutable parallel safe
return greatest(least(p_to, p_high) - greatest(p_from, p_low), 0);
comment on function private.overlap(numeric, numeric, numeric, numeric) is 'Length of what two intervals have in common.';

create function private.track_for_reconciliation(p_organization_id uuid, p_provider text, p_from date, p_to date) returns void
language plpgsql volatile set search_path = '' set jit = off as $$
begin
  delete from private.reconciliation_tracked t
  where t.organization_id = p_organization_id and t.provider = p_provider and t.day >= p_from and t.day < p_to;
  insert into private.reconciliation_tracked (organization_id, provider, day, model, service_tier, key, component, unit, quantity, cost)
  with platforms as (
    select a.alias from private.provider_aliases a where a.platform = p_provider and upper_inf(a.known)
    union
    select p_provider
  ),
  sums as (
    select (r."timestamp" at time zone 'UTC')::date as day, r.model, (private.canonical_service_tier(r.service_tier)).service_tier,
      coalesce(r.api_key_id::text, '') as key,
      sum(r.fresh_input_tokens) as fresh, sum(r.cached_input_tokens + r.cached_input_audio_tokens) as cached,
      sum(r.cache_write_5m_tokens) as write_5m, sum(r.cache_write_1h_tokens) as write_1h, sum(r.input_audio_tokens) as audio,
      sum(r.visible_output_tokens + r.reasoning_tokens) as output, sum(r.output_audio_tokens) as output_audio,
      sum(r.cost_input) as cost_input, sum(r.cost_cached_input) as cost_cached_input, sum(r.cost_cache_write) as cost_cache_write,
      sum(r.cost_output) as cost_output, sum(r.cost_other) as cost_other
    from private.usage_records r
    where r.organization_id = p_organization_id and r."timestamp" >= p_from::timestamp at time zone 'UTC'
      and r."timestamp" < p_to::timestamp at time zone 'UTC' and lower(r.provider) in (select p.alias from platforms p)
    group by 1, 2, 3, 4
  ),
  others as (
    select (r."timestamp" at time zone 'UTC')::date as day, r.model, (private.canonical_service_tier(r.service_tier)).service_tier,
      coalesce(r.api_key_id::text, '') as key, u.key as unit, sum(u.value::numeric) as quantity
    from private.usage_records r
    cross join lateral jsonb_each_text(r.other_units) u
    where r.organization_id = p_organization_id and r."timestamp" >= p_from::timestamp at time zone 'UTC'
      and r."timestamp" < p_to::timestamp at time zone 'UTC' and r.other_units is not null
      and lower(r.provider) in (select p.alias from platforms p)
    group by 1, 2, 3, 4, 5
  )
  select p_organization_id, p_provider, s.day, s.model, s.service_tier, s.key, v.component, v.unit, v.quantity, v.cost
  from sums s
  cross join lateral (values
    ('input', 'input_tokens', s.fresh, 0), ('input', 'input_audio_tokens', s.audio, 0), ('cached_input', 'cached_input_tokens', s.cached, 0),
    ('cache_write', 'cache_write_5m_tokens', s.write_5m, 0), ('cache_write', 'cache_write_1h_tokens', s.write_1h, 0),
    ('output', 'output_tokens', s.output, 0), ('output', 'output_audio_tokens', s.output_audio, 0),
    ('input', '', 0, s.cost_input), ('cached_input', '', 0, s.cost_cached_input), ('cache_write', '', 0, s.cost_cache_write),
    ('output', '', 0, s.cost_output), ('other', '', 0, s.cost_other)
  ) v (component, unit, quantity, cost)
  where v.quantity <> 0 or v.cost <> 0
  union all
  select p_organization_id, p_provider, o.day, o.model, o.service_tier, o.key, 'other', o.unit, o.quantity, 0 from others o;
end
$$;
comment on function private.track_for_reconciliation(uuid, text, date, date) is
  'Sums the records of a provider for the UTC days [p_from, p_to) into reconciliation_tracked.';

create function private.reconciliation_rates(
  p_organization_id uuid, p_provider text, p_days date[], p_models text[], p_service_tiers text[]
) returns table (day date, model text, service_tier text, unit text, rate numeric)
language plpgsql volatile set search_path = '' set jit = off as $$
#variable_conflict use_column
declare
  v_book uuid := private.price_book_of(p_organization_id);
  v_count integer := coalesce(cardinality(p_days), 0);
begin
  if v_count = 0 then
    return;
  end if;
  perform private.fill_price_card_index(array_fill(v_book, array[v_count]), array_fill(p_provider, array[v_count]), p_models, p_service_tiers,
    array_fill(''::text, array[v_count]), array_fill(0::bigint, array[v_count]),
    (select array_agg(a.d::timestamp at time zone 'UTC' order by a.place) from unnest(p_days) with ordinality a (d, place)));
  return query
  select a.day, a.model, a.service_tier, v.unit, v.rate
  from unnest(p_days, p_models, p_service_tiers) a (day, model, service_tier)
  join private.price_card_index i on i.organization_id = v_book and i.provider = p_provider and i.model = a.model
    and i.service_tier = a.service_tier and i.region = '' and i.min_input_tokens = 0
    and a.day::timestamp at time zone 'UTC' >= i.valid_from and a.day::timestamp at time zone 'UTC' < i.valid_to
  join private.price_cards c on c.id = i.card_id
  cross join lateral (
    values ('input_tokens', c.input_rate), ('cached_input_tokens', c.cached_input_rate), ('cache_write_5m_tokens', c.cache_write_5m_rate),
      ('cache_write_1h_tokens', c.cache_write_1h_rate), ('input_audio_tokens', c.input_audio_rate), ('output_tokens', c.output_rate),
      ('output_audio_tokens', c.output_audio_rate)
    union all
    select o.key, (o.value ->> 'rate')::numeric from jsonb_each(c.other_rates) o where coalesce((o.value ->> 'per')::numeric, 1) = 1
  ) v (unit, rate)
  where v.rate is not null;
end
$$;
comment on function private.reconciliation_rates(uuid, text, date[], text[], text[]) is
  'Our rates (US dollars per unit, of the smallest input) for days, models as sent and tiers, given as parallel arrays; one row per unit that has one.';

create function private.reconcile(p_organization_id uuid, p_provider text, p_from date, p_to date) returns integer
language plpgsql volatile security definer set search_path = '' set jit = off as $$
#variable_conflict use_column
declare
  v_from date := date_trunc('month', p_from)::date;
  v_to date := (date_trunc('month', p_to - 1) + interval '1 month')::date;
  v_covered_from date;
  v_covered_to date;
  v_synced_at timestamptz;
  v_is_keyed boolean;
  v_keys text[] := '{}';
  v_book uuid := private.price_book_of(p_organization_id);
  v_count integer;
begin
  perform pg_advisory_xact_lock(hashtextextended('private.reconcile ' || p_organization_id || p_provider, 0));
  perform private.track_for_reconciliation(p_organization_id, p_provider, p_from, p_to);
  delete from private.reconciliation_lines l
  where l.organization_id = p_organization_id and l.provider = p_provider and l.day >= v_from and l.day < v_to;
  select min(s.backfill_from), max(s.synced_to), min(s.last_synced_at) into v_covered_from, v_covered_to, v_synced_at
  from private.connection_syncs s
  join public.connections c on c.organization_id = s.organization_id and c.id = s.connection_id
  where s.organization_id = p_organization_id and c.provider = p_provider and s.last_synced_at is not null;
  if not found or v_synced_at is null then
    return 0;
  end if;
  v_from := greatest(v_from, v_covered_from);
  v_to := least(v_to, v_covered_to);
  -- Keys tell lines apart only where the bill knows keys.
  select coalesce(bool_or(l.provider_key <> ''), false) into v_is_keyed
  from private.provider_cost_lines l
  join public.connections c on c.organization_id = l.organization_id and c.id = l.connection_id
  where l.organization_id = p_organization_id and c.provider = p_provider and l.day >= v_from and l.day < v_to;
  -- Our key counts apart when a key of the provider is linked to it.
  if v_is_keyed then
    select coalesce(array_agg(distinct k.api_key_id::text), '{}') into v_keys
    from private.provider_keys k
    join public.connections c on c.organization_id = k.organization_id and c.id = k.connection_id
    where k.organization_id = p_organization_id and c.provider = p_provider and k.api_key_id is not null;
  end if;

  insert into private.reconciliation_lines (
    organization_id, provider, day, model, component, key, tracked, billed, untracked, tier, rate, rounding, timing, not_reported,
    tracked_quantity, billed_quantity, is_settled
  )
  with said as materialized (
    select t.day, t.model as name, t.component, t.unit, t.service_tier, case when t.key = any (v_keys) then t.key else '' end as key,
      t.quantity as tracked_quantity, 0::numeric as billed_quantity, t.cost as tracked, 0::numeric as billed, 0 as lines, 0 as tolerance
    from private.reconciliation_tracked t
    where t.organization_id = p_organization_id and t.provider = p_provider and t.day >= v_from and t.day < v_to
    union all
    select u.day, u.model, private.reconciliation_component(u.unit), u.unit, (private.canonical_service_tier(u.service_tier)).service_tier,
      case when v_is_keyed then coalesce(k.api_key_id::text, '') else '' end, 0, u.quantity, 0, 0, 0, 0
    from private.provider_usage u
    join public.connections c on c.organization_id = u.organization_id and c.id = u.connection_id and c.provider = p_provider
    left join private.provider_keys k
      on k.organization_id = u.organization_id and k.connection_id = u.connection_id and k.provider_key = u.provider_key
    where u.organization_id = p_organization_id and u.day >= v_from and u.day < v_to and u.unit <> 'requests'
    union all
    select l.day, l.model, l.component, '', '', case when v_is_keyed then coalesce(k.api_key_id::text, '') else '' end, 0, 0, 0, l.amount, 1,
      greatest(least(0.005, 0.5 * power(10::numeric, -scale(trim_scale(l.amount)))), 0.000000001)
    from private.provider_cost_lines l
    join public.connections c on c.organization_id = l.organization_id and c.id = l.connection_id and c.provider = p_provider
    left join private.provider_keys k
      on k.organization_id = l.organization_id and k.connection_id = l.connection_id and k.provider_key = l.provider_key
    where l.organization_id = p_organization_id and l.day >= v_from and l.day < v_to
  ),
  -- What a model is called here and there is one model when the price book says so.
  names as materialized (
    select n.name, n.model, min(n.name) over (partition by n.model) as priced_as
    from (
      select d.name, case when i.model is not null and i.is_exact then i.model else lower(d.name) end as model
      from (select distinct s.name from said s) d
      cross join lateral private.find_price_identity(v_book, p_provider, nullif(d.name, ''), 'infinity') i
    ) n
  ),
  facts as materialized (
    select s.day, n.model, n.priced_as, s.component, s.unit, s.service_tier, s.key, sum(s.tracked_quantity) as tracked_quantity,
      sum(s.billed_quantity) as billed_quantity, sum(s.tracked) as tracked, sum(s.billed) as billed, sum(s.tolerance) as tolerance
    from said s join names n on n.name = s.name
    group by s.day, n.model, n.priced_as, s.component, s.unit, s.service_tier, s.key
  ),
  wanted as (
    select array_agg(w.day) as days, array_agg(w.priced_as) as models, array_agg(w.service_tier) as tiers
    from (select distinct f.day, f.priced_as, f.service_tier from facts f where f.unit <> '' and f.model <> '') w
  ),
  rates as materialized (
    select r.* from wanted w cross join lateral private.reconciliation_rates(p_organization_id, p_provider, w.days, w.models, w.tiers) r
  ),
  volumes as materialized (
    select f.day, f.model, f.component, f.unit, f.key,
      sum(greatest(f.billed_quantity - f.tracked_quantity, 0)) as over, sum(greatest(f.tracked_quantity - f.billed_quantity, 0)) as under
    from facts f where f.unit <> ''
    group by f.day, f.model, f.component, f.unit, f.key
  ),
  turns as materialized (
    select v.day, v.model, v.unit, v.key, v.over - v.under as rest,
      row_number() over (partition by v.model, v.unit, v.key, date_trunc('month', v.day) order by v.day) as turn
    from volumes v where v.over <> v.under
  ),
  -- Days of one unit in order: each gives its neighbour what that lacks, and keeps the rest.
  chain as (
    with recursive steps as (
      select t.day, t.model, t.unit, t.key, t.turn, t.rest, 0::numeric as taken from turns t where t.turn = 1
      union all
      select t.day, t.model, t.unit, t.key, t.turn, t.rest - sign(t.rest) * m.moved, m.moved
      from steps s
      join turns t on t.model = s.model and t.unit = s.unit and t.key = s.key and t.turn = s.turn + 1
        and date_trunc('month', t.day) = date_trunc('month', s.day)
      cross join lateral (
        select case when t.day = s.day + 1 and sign(t.rest) = -sign(s.rest) then least(abs(t.rest), abs(s.rest)) else 0::numeric end as moved
      ) m
    )
    select s.day, s.model, s.unit, s.key, s.taken + coalesce(lead(s.taken) over (
      partition by s.model, s.unit, s.key, date_trunc('month', s.day) order by s.turn), 0) as moved
    from steps s
  ),
  tiers as (
    select f.day, f.model, f.priced_as, f.component, f.unit, f.key, f.service_tier, sign(f.billed_quantity - f.tracked_quantity) as side,
      abs(f.billed_quantity - f.tracked_quantity) as size, least(v.over, v.under) as swapped, coalesce(c.moved, 0) as moved,
      sum(abs(f.billed_quantity - f.tracked_quantity)) over (
        partition by f.day, f.model, f.component, f.unit, f.key, sign(f.billed_quantity - f.tracked_quantity) order by f.service_tier
      ) as until
    from facts f
    join volumes v on v.day = f.day and v.model = f.model and v.component = f.component and v.unit = f.unit and v.key = f.key
    left join chain c on c.day = f.day and c.model = f.model and c.unit = f.unit and c.key = f.key
    where f.unit <> '' and f.billed_quantity <> f.tracked_quantity
  ),
  effects as materialized (
    select t.day, t.model, t.component, t.key,
      sum(t.side * r.rate * private.overlap(t.until - t.size, t.until, 0, t.swapped)) as tier,
      sum(t.side * r.rate * private.overlap(t.until - t.size, t.until, t.swapped, t.swapped + t.moved)) as timing,
      sum(t.side * r.rate * private.overlap(t.until - t.size, t.until, t.swapped + t.moved, 'infinity')) as volume,
      sum(t.side * private.overlap(t.until - t.size, t.until, t.swapped + t.moved, 'infinity')) as volume_quantity,
      sum(greatest(t.side, 0) * r.rate * private.overlap(t.until - t.size, t.until, t.swapped + t.moved, 'infinity')) as untracked
    from tiers t
    left join rates r on r.day = t.day and r.model = t.priced_as and r.service_tier = t.service_tier and r.unit = t.unit
    group by t.day, t.model, t.component, t.key
  ),
  cells as (
    select f.day, f.model, f.component, f.key, sum(f.tracked_quantity) as tracked_quantity, sum(f.billed_quantity) as billed_quantity,
      sum(f.tracked) as tracked, sum(f.billed) as billed, sum(f.tolerance) as tolerance,
      f.day + 2 <= (v_synced_at at time zone 'UTC') and f.day < v_covered_to as is_settled
    from facts f
    group by f.day, f.model, f.component, f.key
  ),
  parts as (
    select c.*, c.billed - c.tracked as difference,
      case when c.is_settled then coalesce(e.tier, 0) else 0 end as tier,
      case when c.is_settled then coalesce(e.timing, 0) else c.billed - c.tracked end as timing,
      case when c.is_settled then coalesce(e.untracked, 0) else 0 end as untracked,
      case when c.is_settled then coalesce(e.volume, 0) - coalesce(e.untracked, 0) else 0 end as not_reported,
      coalesce(e.volume_quantity, 0) as volume_quantity
    from cells c
    left join effects e on e.day = c.day and e.model = c.model and e.component = c.component and e.key = c.key
  ),
  rests as (
    select p.*, p.difference - p.tier - p.timing - p.untracked - p.not_reported as rest from parts p
  ),
  judged as (
    select r.*, case
      when r.rest = 0 then 'none'
      when abs(r.rest) <= r.tolerance and r.volume_quantity = 0 then 'rounding'
      when r.billed <> 0 and r.billed_quantity = 0 then 'not_reported'
      when r.tracked = 0 and r.tracked_quantity = 0 and r.volume_quantity > 0 then 'untracked'
      when r.billed = 0 and r.billed_quantity = 0 and r.volume_quantity <= 0 then 'not_reported'
      when abs(r.rest) <= r.tolerance then 'rounding'
      else 'rate'
    end as class
    from rests r
  )
  select p_organization_id, p_provider, j.day, j.model, j.component, j.key, j.tracked, j.billed,
    j.untracked + case j.class when 'untracked' then j.rest else 0 end,
    j.tier,
    case j.class when 'rate' then j.rest else 0 end,
    case j.class when 'rounding' then j.rest else 0 end,
    j.timing,
    j.not_reported + case j.class when 'not_reported' then j.rest else 0 end,
    j.tracked_quantity, j.billed_quantity, j.is_settled
  from judged j
  where j.tracked <> 0 or j.billed <> 0 or j.billed_quantity <> j.tracked_quantity;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function private.reconcile(uuid, text, date, date) is
  'Reconciles a provider for the months of the days [p_from, p_to) after reading the records of these days anew; returns the number of lines. The formula stands at the head of 82_reconciliation.sql. The same data give the same lines, however often it runs.';

create function private.reconciliation_remaining(
  p_organization_id uuid, p_from date, p_to date, p_provider text, p_models text[], p_keys text[], p_classes text[]
) returns table (
  provider text, day date, model text, component text, key text, tracked numeric, journaled numeric, billed numeric, difference numeric,
  untracked numeric, tier numeric, rate numeric, rounding numeric, timing numeric, not_reported numeric, tracked_quantity numeric,
  billed_quantity numeric, is_settled boolean
)
language plpgsql stable set search_path = '' set jit = off as $$
#variable_conflict use_column
begin
  return query
  select r.* from (
    select coalesce(l.provider, j.provider), coalesce(l.day, j.day), coalesce(l.model, j.model), coalesce(l.component, j.component),
      coalesce(l.key, j.key), coalesce(l.tracked, 0), coalesce(j.amount, 0), coalesce(l.billed, 0),
      coalesce(l.billed, 0) - coalesce(l.tracked, 0) - coalesce(j.amount, 0),
      coalesce(l.untracked, 0) - coalesce(j.untracked, 0) as untracked, coalesce(l.tier, 0) - coalesce(j.tier, 0) as tier,
      coalesce(l.rate, 0) - coalesce(j.rate, 0) as rate, coalesce(l.rounding, 0) - coalesce(j.rounding, 0) as rounding,
      coalesce(l.timing, 0) - coalesce(j.timing, 0) as timing, coalesce(l.not_reported, 0) - coalesce(j.not_reported, 0) as not_reported,
      coalesce(l.tracked_quantity, 0), coalesce(l.billed_quantity, 0), coalesce(l.is_settled, false)
    from (
      select * from private.reconciliation_lines l
      where l.organization_id = p_organization_id and l.day >= p_from and l.day < p_to and (p_provider is null or l.provider = p_provider)
        and (p_models is null or l.model = any (p_models)) and (p_keys is null or l.key = any (p_keys))
    ) l
    full join (
      select a.provider, a.day, a.model, a.component, a.key, sum(a.amount) as amount,
        sum(a.amount) filter (where a.class = 'untracked') as untracked, sum(a.amount) filter (where a.class = 'tier') as tier,
        sum(a.amount) filter (where a.class = 'rate') as rate, sum(a.amount) filter (where a.class = 'rounding') as rounding,
        sum(a.amount) filter (where a.class = 'timing') as timing, sum(a.amount) filter (where a.class = 'not_reported') as not_reported
      from private.cost_adjustment_lines a
      where a.organization_id = p_organization_id and a.day >= p_from and a.day < p_to and (p_provider is null or a.provider = p_provider)
        and (p_models is null or a.model = any (p_models)) and (p_keys is null or a.key = any (p_keys))
      group by a.provider, a.day, a.model, a.component, a.key
      having count(*) filter (where a.amount <> 0) > 0
    ) j on j.provider = l.provider and j.day = l.day and j.model = l.model and j.component = l.component and j.key = l.key
  ) r
  where p_classes is null
    or 'untracked' = any (p_classes) and r.untracked <> 0 or 'tier' = any (p_classes) and r.tier <> 0
    or 'rate' = any (p_classes) and r.rate <> 0 or 'rounding' = any (p_classes) and r.rounding <> 0
    or 'timing' = any (p_classes) and r.timing <> 0 or 'not_reported' = any (p_classes) and r.not_reported <> 0;
end
$$;
comment on function private.reconciliation_remaining(uuid, date, date, text, text[], text[], text[]) is
  'Lines of the days [p_from, p_to) with what the journal already took: difference = billed − tracked − journaled = the sum of the six classes. p_classes: only lines with something left in one of them; null filters do not filter.';

create function private.check_reconciliation(p_from date, p_to date, p_classes text[]) returns void
language plpgsql immutable set search_path = '' as $$
begin
  if p_from is null or p_to is null or p_from >= p_to or p_to - p_from > 400 then
    perform private.raise_error('invalid', 'Give a window of 1 to 400 days.', 'p_from');
  end if;
  if not p_classes <@ array['untracked', 'tier', 'rate', 'rounding', 'timing', 'not_reported'] then
    perform private.raise_error('invalid', 'classes are untracked, tier, rate, rounding, timing and not_reported.', 'p_classes');
  end if;
end
$$;
comment on function private.check_reconciliation(date, date, text[]) is 'Refuses windows and classes that no question about reconciliation takes.';

create function private.reconciliation(
  p_organization_id uuid, p_from date, p_to date, p_provider text, p_models text[], p_keys text[], p_classes text[], p_order text,
  p_limit integer, p_offset integer
) returns table (
  provider text, day date, model text, component text, key text, key_name text, tracked text, journaled text, billed text, difference text,
  untracked text, tier text, rate text, rounding text, timing text, not_reported text, tracked_quantity text, billed_quantity text,
  is_settled boolean, total_rows bigint
)
language plpgsql stable security definer set search_path = '' set jit = off as $$
#variable_conflict use_column
begin
  perform private.require_permission(p_organization_id, 'connections.read');
  perform private.check_reconciliation(p_from, p_to, p_classes);
  if p_order is null or p_order not in ('day', 'difference', 'billed', 'tracked', 'model') then
    perform private.raise_error('invalid', 'order must be day, difference, billed, tracked or model.', 'p_order');
  end if;
  return query
  select r.provider, r.day, r.model, r.component, r.key, coalesce(k.name, ''), trim_scale(r.tracked)::text, trim_scale(r.journaled)::text,
    trim_scale(r.billed)::text, trim_scale(r.difference)::text, trim_scale(r.untracked)::text, trim_scale(r.tier)::text,
    trim_scale(r.rate)::text, trim_scale(r.rounding)::text, trim_scale(r.timing)::text, trim_scale(r.not_reported)::text,
    trim_scale(r.tracked_quantity)::text, trim_scale(r.billed_quantity)::text, r.is_settled, count(*) over ()
  from private.reconciliation_remaining(p_organization_id, p_from, p_to, p_provider, p_models, p_keys, p_classes) r
  left join public.api_keys k on k.organization_id = p_organization_id and k.id::text = r.key
  order by case p_order when 'difference' then abs(r.difference) when 'billed' then r.billed when 'tracked' then r.tracked end desc nulls last,
    case when p_order = 'model' then r.model end, r.day desc, r.provider, r.model, r.component, r.key
  limit least(greatest(p_limit, 0), 5000) offset greatest(p_offset, 0);
end
$$;
comment on function private.reconciliation(uuid, date, date, text, text[], text[], text[], text, integer, integer) is 'Body of public.reconciliation.';

create function public.reconciliation(
  p_organization_id uuid, p_from date, p_to date, p_provider text default null, p_models text[] default null, p_keys text[] default null,
  p_classes text[] default null, p_order text default 'day', p_limit integer default 200, p_offset integer default 0
) returns table (
  provider text, day date, model text, component text, key text, key_name text, tracked text, journaled text, billed text, difference text,
  untracked text, tier text, rate text, rounding text, timing text, not_reported text, tracked_quantity text, billed_quantity text,
  is_settled boolean, total_rows bigint
)
language sql stable security invoker set search_path = '' as $$
  select * from private.reconciliation(p_organization_id, p_from, p_to, p_provider, p_models, p_keys, p_classes, p_order, p_limit, p_offset)
$$;
comment on function public.reconciliation(uuid, date, date, text, text[], text[], text[], text, integer, integer) is
  'What did we track, what was billed, and why do they differ? One row per UTC day in [p_from, p_to), line and key; difference = billed − tracked − journaled = untracked + tier + rate + rounding + timing + not_reported, exactly. p_classes keeps lines with something left in one of these; p_order: day (newest first), difference (largest first), billed, tracked, model. total_rows counts before p_limit and p_offset. Codes: not_found, forbidden, invalid.';

create function private.reconciliation_summary(
  p_organization_id uuid, p_from date, p_to date, p_provider text, p_models text[], p_keys text[], p_classes text[]
) returns table (
  tracked text, journaled text, billed text, difference text, untracked text, tier text, rate text, rounding text, timing text,
  not_reported text, lines bigint, open_lines bigint, unsettled_lines bigint, first_day date, last_day date
)
language plpgsql stable security definer set search_path = '' set jit = off as $$
#variable_conflict use_column
begin
  perform private.require_permission(p_organization_id, 'connections.read');
  perform private.check_reconciliation(p_from, p_to, p_classes);
  return query
  select trim_scale(coalesce(sum(r.tracked), 0))::text, trim_scale(coalesce(sum(r.journaled), 0))::text,
    trim_scale(coalesce(sum(r.billed), 0))::text, trim_scale(coalesce(sum(r.difference), 0))::text,
    trim_scale(coalesce(sum(r.untracked), 0))::text, trim_scale(coalesce(sum(r.tier), 0))::text, trim_scale(coalesce(sum(r.rate), 0))::text,
    trim_scale(coalesce(sum(r.rounding), 0))::text, trim_scale(coalesce(sum(r.timing), 0))::text,
    trim_scale(coalesce(sum(r.not_reported), 0))::text, count(*), count(*) filter (where r.difference <> 0),
    count(*) filter (where not r.is_settled), min(r.day), max(r.day)
  from private.reconciliation_remaining(p_organization_id, p_from, p_to, p_provider, p_models, p_keys, p_classes) r;
end
$$;
comment on function private.reconciliation_summary(uuid, date, date, text, text[], text[], text[]) is 'Body of public.reconciliation_summary.';

create function public.reconciliation_summary(
  p_organization_id uuid, p_from date, p_to date, p_provider text default null, p_models text[] default null, p_keys text[] default null,
  p_classes text[] default null
) returns table (
  tracked text, journaled text, billed text, difference text, untracked text, tier text, rate text, rounding text, timing text,
  not_reported text, lines bigint, open_lines bigint, unsettled_lines bigint, first_day date, last_day date
)
language sql stable security invoker set search_path = '' as $$
  select * from private.reconciliation_summary(p_organization_id, p_from, p_to, p_provider, p_models, p_keys, p_classes)
$$;
comment on function public.reconciliation_summary(uuid, date, date, text, text[], text[], text[]) is
  'The sums of public.reconciliation over the same window and filters: one row, also the preview of an adjustment. Codes: not_found, forbidden, invalid.';

create function private.refresh_reconciliation(p_organization_id uuid, p_from date, p_to date) returns integer
language plpgsql security definer set search_path = '' as $$
declare
  v_provider text;
  v_count integer := 0;
begin
  perform private.require_permission(p_organization_id, 'connections.read');
  perform private.check_reconciliation(p_from, p_to, null);
  for v_provider in select distinct c.provider from public.connections c where c.organization_id = p_organization_id order by 1 loop
    v_count := v_count + private.reconcile(p_organization_id, v_provider, p_from, p_to);
  end loop;
  return v_count;
end
$$;
comment on function private.refresh_reconciliation(uuid, date, date) is 'Body of public.refresh_reconciliation.';

create function public.refresh_reconciliation(p_organization_id uuid, p_from date, p_to date) returns integer
language sql security invoker set search_path = '' as $$
  select private.refresh_reconciliation(p_organization_id, p_from, p_to)
$$;
comment on function public.refresh_reconciliation(uuid, date, date) is
  'Reads the tracked usage of the days anew (late events, new prices) and reconciles; returns the number of lines. Every sync does it for the days it fetches. Codes: not_found, forbidden, invalid.';

grant execute on function
  private.reconciliation(uuid, date, date, text, text[], text[], text[], text, integer, integer),
  public.reconciliation(uuid, date, date, text, text[], text[], text[], text, integer, integer),
  private.reconciliation_summary(uuid, date, date, text, text[], text[], text[]),
  public.reconciliation_summary(uuid, date, date, text, text[], text[], text[]),
  private.refresh_reconciliation(uuid, date, date), public.refresh_reconciliation(uuid, date, date)
to authenticated;

-- The journal beside the records: adjustments of cost with a reason. Total shown = records + journal. Entries are never changed; one is
-- taken back by another that says the opposite. (private.cost_journal notes how prices of records themselves changed.)

create table private.cost_adjustments (
  id uuid primary key default private.uuid_v7(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  kind text not null check (kind in ('reconciliation', 'reversal')),
  reason text not null check (char_length(reason) between 1 and 500),
  provider text,
  first_day date not null,
  last_day date not null,
  lines integer not null,
  amount numeric not null,
  reverses_id uuid,
  created_by uuid,
  created_by_label text not null,
  created_at timestamptz not null default now(),
  unique (organization_id, id),
  unique (organization_id, reverses_id),
  foreign key (organization_id, reverses_id) references private.cost_adjustments (organization_id, id),
  check ((reverses_id is not null) = (kind = 'reversal'))
);
comment on table private.cost_adjustments is
  'Entries of the journal. amount (US dollars, signed) is the sum of the lines. reverses_id: the entry this one takes back; each can be taken back once. created_by: a user who may be gone; the label stays.';
create index cost_adjustments_newest on private.cost_adjustments (organization_id, created_at desc, id desc);

create table private.cost_adjustment_lines (
  organization_id uuid not null,
  adjustment_id uuid not null,
  day date not null,
  "timestamp" timestamptz not null,
  provider text not null,
  model text not null,
  component text not null,
  key text not null,
  class text not null check (class in ('untracked', 'tier', 'rate', 'rounding', 'timing', 'not_reported')),
  amount numeric not null,
  api_key_id uuid,
  team_id uuid,
  project_id uuid,
  environment text,
  primary key (organization_id, adjustment_id, day, provider, model, component, key, class),
  foreign key (organization_id, adjustment_id) references private.cost_adjustments (organization_id, id) on delete cascade
);
comment on table private.cost_adjustment_lines is
  'What an entry adds to which line of reconciliation, and why (class). timestamp: noon UTC of the billed day, so that the amount falls on the same date in nearly every time zone; key, team, project and environment as the key was bound when the entry was made.';
create index cost_adjustment_lines_when on private.cost_adjustment_lines (organization_id, "timestamp");

create function private.keep_journal() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'DELETE' and not exists (select from public.organizations o where o.id = old.organization_id) then
    return old; -- it goes with its organization, and only then
  end if;
  raise exception 'The journal is append-only.' using errcode = '42501';
end
$$;
comment on function private.keep_journal() is 'Trigger: an entry is never changed or removed; it is taken back by another entry.';
create trigger keep_journal before update or delete on private.cost_adjustments for each row execute function private.keep_journal();
create trigger keep_journal before update or delete on private.cost_adjustment_lines for each row execute function private.keep_journal();

create view private.readable_adjustments with (security_barrier = true) as
select l.* from private.cost_adjustment_lines l
where l.organization_id = any ((select private.my_organization_ids('usage.read'))::uuid[]);
comment on view private.readable_adjustments is 'Lines of the journal of organizations whose usage the caller may read: what totals add to the records.';

create function private.adjust_to_bill(
  p_organization_id uuid, p_from date, p_to date, p_provider text, p_models text[], p_keys text[], p_classes text[], p_reason text,
  p_expected text
) returns uuid
language plpgsql security definer set search_path = '' set jit = off as $$
#variable_conflict use_column
declare
  v_id uuid;
  v_sum numeric;
  v_provider text;
begin
  perform private.require_permission(p_organization_id, 'connections.write');
  perform private.check_reconciliation(p_from, p_to, p_classes);
  if p_reason is null or btrim(p_reason) = '' or char_length(p_reason) > 500 then
    perform private.raise_error('invalid', 'reason must have 1 to 500 characters.', 'reason');
  elsif p_expected is null or not pg_input_is_valid(p_expected, 'numeric') then
    perform private.raise_error('invalid', 'expected must be the difference that was shown.', 'expected');
  end if;
  perform pg_advisory_xact_lock(hashtextextended('private.cost_adjustments ' || p_organization_id, 0));
  for v_provider in
    select distinct c.provider from public.connections c
    where c.organization_id = p_organization_id and (p_provider is null or c.provider = p_provider) order by 1
  loop
    perform private.reconcile(p_organization_id, v_provider, p_from, p_to);
  end loop;
  select coalesce(sum(v.amount), 0) into v_sum
  from private.reconciliation_remaining(p_organization_id, p_from, p_to, p_provider, p_models, p_keys, p_classes) r
  cross join lateral (values ('untracked', r.untracked), ('tier', r.tier), ('rate', r.rate), ('rounding', r.rounding), ('timing', r.timing),
    ('not_reported', r.not_reported)) v (class, amount)
  where p_classes is null or v.class = any (p_classes);
  if v_sum <> p_expected::numeric then
    perform private.raise_error('conflict', 'The difference has changed since it was shown. Look again, then adjust.');
  end if;

  v_id := private.uuid_v7();
  insert into private.cost_adjustments (id, organization_id, kind, reason, provider, first_day, last_day, lines, amount, created_by,
    created_by_label)
  select v_id, p_organization_id, 'reconciliation', btrim(p_reason), p_provider, min(r.day), max(r.day), count(*), sum(v.amount), auth.uid(),
    coalesce((select u.email::text from auth.users u where u.id = auth.uid()), 'TokenTRA')
  from private.reconciliation_remaining(p_organization_id, p_from, p_to, p_provider, p_models, p_keys, p_classes) r
  cross join lateral (values ('untracked', r.untracked), ('tier', r.tier), ('rate', r.rate), ('rounding', r.rounding), ('timing', r.timing),
    ('not_reported', r.not_reported)) v (class, amount)
  where v.amount <> 0 and (p_classes is null or v.class = any (p_classes))
  having count(*) > 0;
  if not found then
    perform private.raise_error('conflict', 'There is no difference to adjust.');
  end if;
  insert into private.cost_adjustment_lines (organization_id, adjustment_id, day, "timestamp", provider, model, component, key, class, amount,
    api_key_id, team_id, project_id, environment)
  select p_organization_id, v_id, r.day, (r.day + time '12:00') at time zone 'UTC', r.provider, r.model, r.component, r.key, v.class, v.amount,
    k.id, coalesce(k.team_id, p.team_id), k.project_id, k.environment
  from private.reconciliation_remaining(p_organization_id, p_from, p_to, p_provider, p_models, p_keys, p_classes) r
  cross join lateral (values ('untracked', r.untracked), ('tier', r.tier), ('rate', r.rate), ('rounding', r.rounding), ('timing', r.timing),
    ('not_reported', r.not_reported)) v (class, amount)
  left join public.api_keys k on k.organization_id = p_organization_id and k.id::text = r.key
  left join public.projects p on p.organization_id = k.organization_id and p.id = k.project_id
  where v.amount <> 0 and (p_classes is null or v.class = any (p_classes));
  perform private.announce(p_organization_id, 'reconciliation'), private.announce(p_organization_id, 'usage');
  return v_id;
end
$$;
comment on function private.adjust_to_bill(uuid, date, date, text, text[], text[], text[], text, text) is 'Body of public.adjust_to_bill.';

create function public.adjust_to_bill(
  p_organization_id uuid, p_from date, p_to date, p_reason text, p_expected text, p_provider text default null,
  p_models text[] default null, p_keys text[] default null, p_classes text[] default null
) returns uuid
language sql security invoker set search_path = '' as $$
  select private.adjust_to_bill(p_organization_id, p_from, p_to, p_provider, p_models, p_keys, p_classes, p_reason, p_expected)
$$;
comment on function public.adjust_to_bill(uuid, date, date, text, text, text, text[], text[], text[]) is
  'Enters what is left of the difference between bill and tracked cost into the journal, for the days [p_from, p_to), filters and classes of public.reconciliation; afterwards that difference is exactly 0. Reconciles anew first and refuses (conflict) when the sum is no longer p_expected, the sum that was shown. Returns the entry. Codes: not_found, forbidden, invalid, conflict.';

create function private.reverse_adjustment(p_organization_id uuid, p_id uuid, p_reason text) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid := private.uuid_v7();
  v_old private.cost_adjustments;
begin
  perform private.require_permission(p_organization_id, 'connections.write');
  if p_reason is null or btrim(p_reason) = '' or char_length(p_reason) > 500 then
    perform private.raise_error('invalid', 'reason must have 1 to 500 characters.', 'reason');
  end if;
  perform pg_advisory_xact_lock(hashtextextended('private.cost_adjustments ' || p_organization_id, 0));
  select a.* into v_old from private.cost_adjustments a where a.organization_id = p_organization_id and a.id = p_id;
  if not found then
    perform private.raise_error('not_found', 'Not found.');
  elsif v_old.kind = 'reversal' then
    perform private.raise_error('conflict', 'A reversal is not taken back: adjust again instead.');
  elsif exists (select from private.cost_adjustments a where a.organization_id = p_organization_id and a.reverses_id = p_id) then
    perform private.raise_error('conflict', 'This entry was taken back already.');
  end if;
  insert into private.cost_adjustments (id, organization_id, kind, reason, provider, first_day, last_day, lines, amount, reverses_id,
    created_by, created_by_label)
  values (v_id, p_organization_id, 'reversal', btrim(p_reason), v_old.provider, v_old.first_day, v_old.last_day, v_old.lines, -v_old.amount,
    p_id, auth.uid(), coalesce((select u.email::text from auth.users u where u.id = auth.uid()), 'TokenTRA'));
  insert into private.cost_adjustment_lines (organization_id, adjustment_id, day, "timestamp", provider, model, component, key, class, amount,
    api_key_id, team_id, project_id, environment)
  select l.organization_id, v_id, l.day, l."timestamp", l.provider, l.model, l.component, l.key, l.class, -l.amount, l.api_key_id, l.team_id,
    l.project_id, l.environment
  from private.cost_adjustment_lines l
  where l.organization_id = p_organization_id and l.adjustment_id = p_id;
  perform private.announce(p_organization_id, 'reconciliation'), private.announce(p_organization_id, 'usage');
  return v_id;
end
$$;
comment on function private.reverse_adjustment(uuid, uuid, text) is 'Body of public.reverse_adjustment.';

create function public.reverse_adjustment(p_organization_id uuid, p_id uuid, p_reason text) returns uuid
language sql security invoker set search_path = '' as $$
  select private.reverse_adjustment(p_organization_id, p_id, p_reason)
$$;
comment on function public.reverse_adjustment(uuid, uuid, text) is
  'Takes an entry of the journal back by one with the opposite amounts; returns that. Codes: not_found, forbidden, invalid, conflict (already taken back, or itself a reversal).';

create function private.list_adjustments(p_organization_id uuid, p_limit integer) returns table (
  id uuid, kind text, reason text, provider text, first_day date, last_day date, lines integer, amount text, reverses_id uuid,
  reversed_by_id uuid, created_by_label text, created_at timestamptz
)
language plpgsql stable security definer set search_path = '' as $$
begin
  perform private.require_permission(p_organization_id, 'connections.read');
  return query
  select a.id, a.kind, a.reason, a.provider, a.first_day, a.last_day, a.lines, trim_scale(a.amount)::text, a.reverses_id, r.id,
    a.created_by_label, a.created_at
  from private.cost_adjustments a
  left join private.cost_adjustments r on r.organization_id = a.organization_id and r.reverses_id = a.id
  where a.organization_id = p_organization_id
  order by a.created_at desc, a.id desc
  limit least(greatest(p_limit, 0), 1000);
end
$$;
comment on function private.list_adjustments(uuid, integer) is 'Body of public.list_adjustments.';

create function public.list_adjustments(p_organization_id uuid, p_limit integer default 200) returns table (
  id uuid, kind text, reason text, provider text, first_day date, last_day date, lines integer, amount text, reverses_id uuid,
  reversed_by_id uuid, created_by_label text, created_at timestamptz
)
language sql stable security invoker set search_path = '' as $$
  select * from private.list_adjustments(p_organization_id, p_limit)
$$;
comment on function public.list_adjustments(uuid, integer) is
  'What does the journal say? Newest entries first; reversed_by_id names the entry that took one back. Codes: not_found, forbidden.';

create function private.journal_differences(p_organization_id uuid, p_from timestamptz, p_to timestamptz)
returns table (rollup text, bucket timestamptz, key text, field text, rollup_value text, record_value text)
language sql stable set search_path = '' as $$
  select 'journal', a.created_at, a.id::text, 'amount', a.amount::text, coalesce(l.amount, 0)::text
  from private.cost_adjustments a
  left join lateral (
    select sum(l.amount) as amount, count(*) as lines from private.cost_adjustment_lines l
    where l.organization_id = a.organization_id and l.adjustment_id = a.id
  ) l on true
  where a.organization_id = p_organization_id and a.last_day >= p_from and a.first_day <= p_to
    and (a.amount <> coalesce(l.amount, 0) or a.lines <> l.lines)
  union all
  select 'journal', r.created_at, r.id::text, 'reversal', r.amount::text, (-a.amount)::text
  from private.cost_adjustments r
  join private.cost_adjustments a on a.organization_id = r.organization_id and a.id = r.reverses_id
  where r.organization_id = p_organization_id and r.last_day >= p_from and r.first_day <= p_to and r.amount <> -a.amount
$$;
comment on function private.journal_differences(uuid, timestamptz, timestamptz) is
  'Entries of the journal whose amount is not the sum of their lines, and reversals that are not the opposite of their entry. Empty = exact.';

grant select on private.readable_adjustments to authenticated;
grant execute on function
  private.adjust_to_bill(uuid, date, date, text, text[], text[], text[], text, text),
  public.adjust_to_bill(uuid, date, date, text, text, text, text[], text[], text[]),
  private.reverse_adjustment(uuid, uuid, text), public.reverse_adjustment(uuid, uuid, text),
  private.list_adjustments(uuid, integer), public.list_adjustments(uuid, integer)
to authenticated;

select cron.schedule('sync-connections', '*/15 * * * *', $$select private.call_sync_worker()$$);
-- A backfill has more than one window: every minute the worker is called on while something is due.
select cron.schedule('sync-connections-backlog', '* * * * *', $$select private.call_sync_worker() where exists (
  select from private.connection_syncs s where s.last_synced_at is not null and s.next_at <= now() and s.failures = 0)$$);
