-- Re-rating: history priced anew under today's book, as a job in short steps. Every cost it replaces is kept, so that what was shown on
-- a day can be shown again; months that are closed stay as they are and pass the difference on to the open one.

create table private.cost_history (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  "timestamp" timestamptz not null,
  id uuid not null,
  replaced_at timestamptz not null,
  price_card_id bigint,
  cost_status text not null,
  cost numeric,
  primary key (organization_id, "timestamp", id, replaced_at)
);
comment on table private.cost_history is
  'What a record cost until replaced_at. One row per record and change, whoever made it; with recorded_at of the record it says what any total was on any day.';

create function private.keep_cost_history() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  insert into private.cost_history (organization_id, "timestamp", id, replaced_at, price_card_id, cost_status, cost)
  select o.organization_id, o."timestamp", o.id, clock_timestamp(), o.price_card_id, o.cost_status, o.cost
  from outdated o
  join updated u on u.organization_id = o.organization_id and u."timestamp" = o."timestamp" and u.id = o.id
  where o.cost is distinct from u.cost or o.cost_status <> u.cost_status;
  return null;
end
$$;
comment on function private.keep_cost_history() is 'Trigger of usage_records: no cost is replaced without a trace.';
create trigger keep_cost_history after update on private.usage_records referencing old table as outdated new table as updated
for each statement execute function private.keep_cost_history();

create table private.re_ratings (
  id uuid primary key default private.uuid_v7(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  window_from timestamptz not null,
  window_to timestamptz not null check (window_to > window_from),
  reason text not null check (char_length(reason) between 1 and 500),
  state text not null default 'running' check (state in ('running', 'done', 'cancelled')),
  requested_by uuid,
  requested_by_label text not null,
  created_at timestamptz not null default now(),
  finished_at timestamptz,
  cursor_timestamp timestamptz not null default '-infinity',
  cursor_id uuid not null default '00000000-0000-0000-0000-000000000000',
  records_total bigint not null,
  records_seen bigint not null default 0,
  records_changed bigint not null default 0,
  cost_before numeric not null default 0,
  cost_after numeric not null default 0,
  posted numeric not null default 0,
  unique (organization_id, id)
);
create index re_ratings_newest on private.re_ratings (organization_id, id desc);
create unique index re_ratings_one_at_a_time on private.re_ratings (organization_id) where state = 'running';
comment on table private.re_ratings is
  'Jobs that price history anew. cursor: the last record seen, where the next step goes on. cost_before, cost_after: what the records seen so far cost before and after; posted: the part of the difference that lies in closed months and was posted into the open one.';
create trigger audit after insert on private.re_ratings for each row execute function private.write_audit('re_rating', 'reason');

create function private.re_rate_step(p_id uuid, p_limit integer default 10000) returns boolean
language plpgsql volatile security definer set search_path = '' set jit = off set work_mem = '64MB' as $$
#variable_conflict use_column
declare
  v_job private.re_ratings;
  v_book uuid;
  v_closed_to timestamptz;
  v_page record;
  v_result record;
begin
  select * into v_job from private.re_ratings j where j.id = p_id and j.state = 'running' for update skip locked;
  if v_job.id is null then
    return false;
  end if;
  perform private.hold_usage(v_job.organization_id);
  v_book := private.price_book_of(v_job.organization_id);
  -- Held until the end of the step: a month cannot be closed while records of it change.
  perform private.hold_periods(v_job.organization_id, false);
  select coalesce(max(p.period_to), '-infinity') into v_closed_to from private.closed_periods p where p.organization_id = v_job.organization_id;

  select count(*)::integer as records, array_agg(r.provider) as providers, array_agg(r.model) as models,
    array_agg(coalesce(r.service_tier, '')) as tiers, array_agg(coalesce(r.region, '')) as regions,
    array_agg(r.fresh_input_tokens + r.cached_input_tokens + r.cache_write_5m_tokens + r.cache_write_1h_tokens
      + r.input_audio_tokens + r.cached_input_audio_tokens) as inputs,
    array_agg(r."timestamp") as moments, max(r."timestamp") as last_timestamp,
    (array_agg(r.id order by r."timestamp" desc, r.id desc))[1] as last_id
  into v_page
  from (
    select * from private.usage_records r
    where r.organization_id = v_job.organization_id and r."timestamp" >= v_job.window_from and r."timestamp" < v_job.window_to
      and (r."timestamp", r.id) > (v_job.cursor_timestamp, v_job.cursor_id)
    order by r."timestamp", r.id
    limit least(greatest(p_limit, 1), 50000)
  ) r;
  if v_page.records = 0 then
    update private.re_ratings j set state = 'done', finished_at = clock_timestamp(), records_total = j.records_seen where j.id = p_id;
    perform private.announce(v_job.organization_id, 'prices');
    return false;
  end if;
  perform private.fill_price_card_index(array_fill(v_book, array[v_page.records]), v_page.providers, v_page.models, v_page.tiers, v_page.regions,
    v_page.inputs, v_page.moments);

  with priced as materialized (
    select r."timestamp", r.id, r.price_card_id as old_card, r.cost_status as old_status, r.cost as old_cost,
      r.cost_input as old_input, r.cost_cached_input as old_cached_input, r.cost_cache_write as old_cache_write, r.cost_output as old_output,
      r.cost_other as old_other, s.new_status, i.card_id as new_card,
      case when s.new_status = 'unpriced' then 0 else a.cost_input end as new_input,
      case when s.new_status = 'unpriced' then 0 else a.cost_cached_input end as new_cached_input,
      case when s.new_status = 'unpriced' then 0 else a.cost_cache_write end as new_cache_write,
      case when s.new_status = 'unpriced' then 0 else a.cost_output end as new_output,
      case when s.new_status = 'unpriced' then 0 else a.cost_other end as new_other,
      case when s.new_status <> 'unpriced'
        then a.cost_input + a.cost_cached_input + a.cost_cache_write + a.cost_output + a.cost_other end as new_cost
    from private.usage_records r
    cross join lateral (
      select r.fresh_input_tokens + r.cached_input_tokens + r.cache_write_5m_tokens + r.cache_write_1h_tokens
        + r.input_audio_tokens + r.cached_input_audio_tokens as total_input
    ) t
    left join private.price_card_index i on i.organization_id = v_book and i.provider = r.provider and i.model = r.model
      and i.service_tier = coalesce(r.service_tier, '') and i.region = coalesce(r.region, '')
      and t.total_input >= i.min_input_tokens and t.total_input < i.max_input_tokens
      and r."timestamp" >= i.valid_from and r."timestamp" < i.valid_to
    left join private.price_cards p on p.id = i.card_id
    cross join lateral private.price_leaves(p, r.fresh_input_tokens, r.cached_input_tokens, r.cache_write_5m_tokens,
      r.cache_write_1h_tokens, r.input_audio_tokens, r.cached_input_audio_tokens, r.visible_output_tokens, r.reasoning_tokens,
      r.output_audio_tokens, coalesce(r.other_units, '{}')) a
    cross join lateral (
      select case
        when a.cost_status = 'unpriced' then 'unpriced'
        when r.is_partial or coalesce(r.status = 'success' and r.other_units is null and private.leaf_bits(
          r.fresh_input_tokens, r.cached_input_tokens, r.cache_write_5m_tokens, r.cache_write_1h_tokens, r.input_audio_tokens,
          r.cached_input_audio_tokens, r.visible_output_tokens, r.reasoning_tokens, r.output_audio_tokens) = 0, false) then 'partial'
        when r.is_estimated and a.cost_status = 'exact' then 'estimated'
        else a.cost_status
      end as new_status
    ) s
    where r.organization_id = v_job.organization_id and r."timestamp" >= v_job.window_from and r."timestamp" < v_job.window_to
      and (r."timestamp", r.id) > (v_job.cursor_timestamp, v_job.cursor_id)
      and (r."timestamp", r.id) <= (v_page.last_timestamp, v_page.last_id)
      -- Free by our own cache, said by the provider, or argued about: none of it follows the price book.
      and r.cache_hit is not true and r.cost_status not in ('provider_reported', 'disputed')
  ),
  different as materialized (
    select * from priced p
    -- A newer card that says the same changes nothing: the receipt of the old one is as true.
    where p.new_cost is distinct from p.old_cost or p.new_status <> p.old_status or p.new_input <> p.old_input
      or p.new_cached_input <> p.old_cached_input or p.new_cache_write <> p.old_cache_write or p.new_output <> p.old_output
  ),
  updated as (
    update private.usage_records r
    set price_card_id = d.new_card, cost_status = d.new_status, cost = d.new_cost, cost_input = d.new_input,
      cost_cached_input = d.new_cached_input, cost_cache_write = d.new_cache_write, cost_output = d.new_output, cost_other = d.new_other
    from different d
    where r.organization_id = v_job.organization_id and r."timestamp" = d."timestamp" and r.id = d.id and r."timestamp" >= v_closed_to
      -- Somebody priced it meanwhile: by today's book, so there is nothing left to do.
      and r.cost is not distinct from d.old_cost and r.cost_status = d.old_status and r.price_card_id is not distinct from d.old_card
    returning r.organization_id, r."timestamp", r.provider, r.model, r.team_id, r.project_id, r.feature, r.api_key_id, r.environment, r.end_user,
      d.old_status, d.new_status, d.old_cost, d.new_cost, d.new_input - d.old_input as input, d.new_cached_input - d.old_cached_input as cached_input,
      d.new_cache_write - d.old_cache_write as cache_write, d.new_output - d.old_output as output, d.new_other - d.old_other as other
  ),
  deltas as (
    select v.rollup, u.organization_id, v.bucket, v.key, v.provider,
      0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint,
      sum(u.input), sum(u.cached_input), sum(u.cache_write), sum(u.output), sum(u.other), 0::bigint,
      count(*) filter (where u.new_status = 'estimated') - count(*) filter (where u.old_status = 'estimated'),
      count(*) filter (where u.new_status = 'partial') - count(*) filter (where u.old_status = 'partial'),
      count(*) filter (where u.new_status = 'unpriced') - count(*) filter (where u.old_status = 'unpriced'), 0::bigint, 0::numeric
    from updated u
    join private.usage_settings s on s.organization_id = u.organization_id
    cross join lateral (
      select date_bin(s.bucket, u."timestamp", '2000-01-01 00:00+00') as bucket, date_trunc('day', u."timestamp", s.time_zone) as day
    ) b
    cross join lateral (values
      ('total', b.bucket, '', ''), ('minute', date_bin('1 minute', u."timestamp", '2000-01-01 00:00+00'), '', ''),
      ('model', b.bucket, u.model, u.provider), ('team', b.bucket, coalesce(u.team_id::text, ''), ''),
      ('project', b.bucket, coalesce(u.project_id::text, ''), ''), ('feature', b.bucket, coalesce(u.feature, ''), ''),
      ('api_key', b.bucket, coalesce(u.api_key_id::text, ''), ''), ('environment', b.bucket, coalesce(u.environment, ''), ''),
      ('end_user', b.day, coalesce(u.end_user, ''), ''), ('total_day', b.day, '', ''), ('model_day', b.day, u.model, u.provider),
      ('team_day', b.day, coalesce(u.team_id::text, ''), ''), ('project_day', b.day, coalesce(u.project_id::text, ''), ''),
      ('feature_day', b.day, coalesce(u.feature, ''), ''), ('api_key_day', b.day, coalesce(u.api_key_id::text, ''), ''),
      ('environment_day', b.day, coalesce(u.environment, ''), '')
    ) v (rollup, bucket, key, provider)
    group by v.rollup, u.organization_id, v.bucket, v.key, v.provider
  )
  select (select array_agg(row(d.*)::private.usage_rollups) from deltas d) as deltas,
    (select count(*) from updated) as changed,
    (select coalesce(sum(u.new_cost), 0) - coalesce(sum(u.old_cost), 0) from updated u) as moved,
    (select min(u."timestamp") from updated u) as first_timestamp, (select max(u."timestamp") from updated u) as last_timestamp,
    (select coalesce(sum(u.old_cost), 0) from updated u) as cost_of_changed,
    -- All of the page, also what no price book decides.
    (select coalesce(sum(r.cost), 0) from private.usage_records r
      where r.organization_id = v_job.organization_id and r."timestamp" >= v_job.window_from and r."timestamp" < v_job.window_to
        and (r."timestamp", r.id) > (v_job.cursor_timestamp, v_job.cursor_id)
        and (r."timestamp", r.id) <= (v_page.last_timestamp, v_page.last_id)) as cost_before,
    (select coalesce(sum(d.new_cost), 0) - coalesce(sum(d.old_cost), 0) from different d where d."timestamp" < v_closed_to) as frozen
  into v_result;

  if v_result.changed > 0 then
    perform private.add_to_rollups(v_result.deltas);
    insert into private.cost_journal (organization_id, reason, first_timestamp, last_timestamp, records, cost_before, cost_after)
    values (v_job.organization_id, 're_rated', v_result.first_timestamp, v_result.last_timestamp, v_result.changed, v_result.cost_of_changed,
      v_result.cost_of_changed + v_result.moved);
    perform private.announce_usage(v_job.organization_id);
  end if;
  if v_result.frozen <> 0 then
    perform private.post_to_open_period(v_job.organization_id, v_job.id, v_result.frozen);
  end if;
  update private.re_ratings j set cursor_timestamp = v_page.last_timestamp, cursor_id = v_page.last_id,
    records_seen = j.records_seen + v_page.records, records_changed = j.records_changed + v_result.changed,
    cost_before = j.cost_before + v_result.cost_before, cost_after = j.cost_after + v_result.cost_before + v_result.moved,
    posted = j.posted + v_result.frozen
  where j.id = p_id;
  perform private.announce(v_job.organization_id, 'prices');
  return true;
end
$$;
comment on function private.re_rate_step(uuid, integer) is
  'Prices the next p_limit records of a job by today''s book: records, rollups, journal and progress in one transaction that ingestion does not wait for. Returns whether there is more; a step that was cut off has left nothing and is done again.';

create function private.run_re_ratings(p_limit integer default 10000) returns integer
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_id uuid;
  v_steps integer := 0;
begin
  for v_id in select j.id from private.re_ratings j where j.state = 'running' order by j.id limit 4 loop
    v_steps := v_steps + private.re_rate_step(v_id, p_limit)::integer;
  end loop;
  return v_steps;
end
$$;
comment on function private.run_re_ratings(integer) is 'One step of each running job, oldest first; for the scheduler, which calls again.';

create function private.start_re_rating(p_organization_id uuid, p_from timestamptz, p_to timestamptz, p_reason text) returns uuid
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_id uuid;
begin
  perform private.require_permission(p_organization_id, 'prices.write');
  if p_from is null or p_to is null or p_from >= p_to then
    perform private.raise_error('invalid', 'A window needs a beginning and a later end.', 'p_from');
  elsif p_reason is null or btrim(p_reason) = '' or char_length(p_reason) > 500 then
    perform private.raise_error('invalid', 'reason must have 1 to 500 characters.', 'reason');
  elsif exists (select from private.re_ratings j where j.organization_id = p_organization_id and j.state = 'running') then
    perform private.raise_error('conflict', 'History is being rated already. Wait for it, or cancel it.');
  end if;
  insert into private.re_ratings (organization_id, window_from, window_to, reason, requested_by, requested_by_label, records_total)
  values (p_organization_id, p_from, p_to, btrim(p_reason), auth.uid(),
    coalesce((select u.email::text from auth.users u where u.id = auth.uid()), 'TokenTRA'),
    (select count(*) from private.usage_records r
      where r.organization_id = p_organization_id and r."timestamp" >= p_from and r."timestamp" < p_to))
  returning id into v_id;
  return v_id;
end
$$;
comment on function private.start_re_rating(uuid, timestamptz, timestamptz, text) is 'Body of public.start_re_rating().';

create function public.start_re_rating(p_organization_id uuid, p_from timestamptz, p_to timestamptz, p_reason text) returns uuid
language sql volatile security invoker set search_path = '' as $$
  select private.start_re_rating(p_organization_id, p_from, p_to, p_reason)
$$;
comment on function public.start_re_rating(uuid, timestamptz, timestamptz, text) is
  'Prices the requests of [p_from, p_to) anew by today''s book, in the background; what_if() with nothing changed is the preview. One job at a time. Closed months stay, their difference is posted into the open one. Codes: not_found, forbidden, invalid, conflict.';

create function private.cancel_re_rating(p_organization_id uuid, p_id uuid) returns void
language plpgsql volatile security definer set search_path = '' as $$
begin
  perform private.require_permission(p_organization_id, 'prices.write');
  update private.re_ratings j set state = 'cancelled', finished_at = clock_timestamp()
  where j.organization_id = p_organization_id and j.id = p_id and j.state = 'running';
  if not found then
    perform private.raise_error('not_found', 'Not found.', 'id');
  end if;
end
$$;
comment on function private.cancel_re_rating(uuid, uuid) is 'Body of public.cancel_re_rating().';

create function public.cancel_re_rating(p_organization_id uuid, p_id uuid) returns void
language sql volatile security invoker set search_path = '' as $$ select private.cancel_re_rating(p_organization_id, p_id) $$;
comment on function public.cancel_re_rating(uuid, uuid) is
  'Stops a running job after its current step; what it has done stays and is consistent. Codes: not_found (also: not running), forbidden.';

create function private.list_re_ratings(p_organization_id uuid) returns table (
  id uuid, window_from timestamptz, window_to timestamptz, reason text, state text, requested_by text, created_at timestamptz,
  finished_at timestamptz, records_total bigint, records_seen bigint, records_changed bigint, cost_before text, cost_after text, posted text
)
language plpgsql stable security definer set search_path = '' as $$
begin
  perform private.require_permission(p_organization_id, 'prices.read');
  perform private.require_permission(p_organization_id, 'usage.read');
  return query
  select j.id, j.window_from, j.window_to, j.reason, j.state, j.requested_by_label, j.created_at, j.finished_at, j.records_total, j.records_seen,
    j.records_changed, trim_scale(j.cost_before)::text, trim_scale(j.cost_after)::text, trim_scale(j.posted)::text
  from private.re_ratings j where j.organization_id = p_organization_id
  order by j.id desc limit 100;
end
$$;
comment on function private.list_re_ratings(uuid) is 'Body of public.list_re_ratings().';

create function public.list_re_ratings(p_organization_id uuid) returns table (
  id uuid, window_from timestamptz, window_to timestamptz, reason text, state text, requested_by text, created_at timestamptz,
  finished_at timestamptz, records_total bigint, records_seen bigint, records_changed bigint, cost_before text, cost_after text, posted text
)
language sql stable security invoker set search_path = '' as $$ select * from private.list_re_ratings(p_organization_id) $$;
comment on function public.list_re_ratings(uuid) is
  'Jobs that priced history anew, newest first, with progress and what the records they saw cost before and after. Codes: not_found, forbidden.';

create function private.spend_as_known(p_organization_id uuid, p_from timestamptz, p_to timestamptz, p_known_at timestamptz, p_dimension text)
returns table (key text, label text, requests bigint, unpriced_requests bigint, cost text, cost_now text)
language plpgsql stable security definer set search_path = '' set jit = off as $$
#variable_conflict use_column
begin
  perform private.require_permission(p_organization_id, 'usage.read');
  if p_from is null or p_to is null or p_from >= p_to or p_known_at is null then
    perform private.raise_error('invalid', 'A window needs a beginning and a later end, and a moment of knowing.', 'p_from');
  elsif p_dimension is null or p_dimension not in ('none', 'provider', 'model', 'team', 'feature') then
    perform private.raise_error('invalid', 'dimension is none, provider, model, team or feature.', 'p_dimension');
  end if;
  return query
  with replaced as materialized (
    select distinct on (h."timestamp", h.id) h."timestamp", h.id, h.cost, h.cost_status
    from private.cost_history h
    where h.organization_id = p_organization_id and h."timestamp" >= p_from and h."timestamp" < p_to and h.replaced_at > p_known_at
    order by h."timestamp", h.id, h.replaced_at
  )
  select s.key, case p_dimension when 'none' then '' when 'team' then private.label_repriced(p_organization_id, 'team', s.key)
      else coalesce(nullif(s.key, ''), 'Not set') end,
    s.requests, s.unpriced, trim_scale(s.cost)::text, trim_scale(s.cost_now)::text
  from (
    select a.key, count(*) filter (where a.is_request and a.is_known) as requests,
      count(*) filter (where a.is_known and a.is_unpriced) as unpriced,
      coalesce(sum(a.cost) filter (where a.is_known), 0) as cost, coalesce(sum(a.cost_now), 0) as cost_now
    from (
      select case p_dimension when 'none' then '' when 'provider' then r.provider when 'model' then r.model
          when 'team' then coalesce(r.team_id::text, '') else coalesce(r.feature, '') end as key,
        true as is_request, r.recorded_at <= p_known_at as is_known, coalesce(h.cost_status, r.cost_status) = 'unpriced' as is_unpriced,
        case when h.id is null then r.cost else h.cost end as cost, r.cost as cost_now
      from private.usage_records r
      left join replaced h on h."timestamp" = r."timestamp" and h.id = r.id
      where r.organization_id = p_organization_id and r."timestamp" >= p_from and r."timestamp" < p_to
      union all
      select case p_dimension when 'provider' then l.provider when 'model' then l.model when 'team' then coalesce(l.team_id::text, '') else '' end,
        false, j.created_at <= p_known_at, false, l.amount, l.amount
      from private.cost_adjustment_lines l
      join private.cost_adjustments j on j.organization_id = l.organization_id and j.id = l.adjustment_id
      where l.organization_id = p_organization_id and l."timestamp" >= p_from and l."timestamp" < p_to
    ) a
    group by a.key
  ) s
  order by s.cost desc, s.key
  limit 1000;
end
$$;
comment on function private.spend_as_known(uuid, timestamptz, timestamptz, timestamptz, text) is 'Body of public.spend_as_known().';

create function public.spend_as_known(
  p_organization_id uuid, p_from timestamptz, p_to timestamptz, p_known_at timestamptz, p_dimension text default 'none'
) returns table (key text, label text, requests bigint, unpriced_requests bigint, cost text, cost_now text)
language sql stable security invoker set search_path = '' as $$
  select * from private.spend_as_known(p_organization_id, p_from, p_to, p_known_at, p_dimension)
$$;
comment on function public.spend_as_known(uuid, timestamptz, timestamptz, timestamptz, text) is
  'What did the requests of [p_from, p_to) cost as it was known at p_known_at? The total that was shown then, to the last digit: without what arrived or was adjusted later, at the prices of then; cost_now beside it. By nothing, provider, model, team (as attributed now) or feature. Codes: not_found, forbidden, invalid.';

grant execute on function
  private.start_re_rating(uuid, timestamptz, timestamptz, text), public.start_re_rating(uuid, timestamptz, timestamptz, text),
  private.cancel_re_rating(uuid, uuid), public.cancel_re_rating(uuid, uuid),
  private.list_re_ratings(uuid), public.list_re_ratings(uuid),
  private.spend_as_known(uuid, timestamptz, timestamptz, timestamptz, text),
  public.spend_as_known(uuid, timestamptz, timestamptz, timestamptz, text)
to authenticated;

select cron.schedule('re-rate', '2 seconds', $$select private.run_re_ratings() where exists (select from private.re_ratings j where j.state = 'running')$$);
