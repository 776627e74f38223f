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
