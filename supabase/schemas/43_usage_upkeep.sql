-- Keeping rollups true: what they should be, rebuilding them, proving them, and pricing what had no price.

create function private.usage_cells(p_organization_id uuid, p_from timestamptz, p_to timestamptz, p_bucket interval, p_time_zone text)
returns setof private.usage_rollups
language sql stable
begin atomic
  with counted as materialized (
    select v.rollup, r.organization_id, v.bucket, v.key, v.provider,
      count(*) as requests, count(*) filter (where r.status <> 'success') as errors,
      private.total(r.fresh_input_tokens) as fresh_input_tokens, private.total(r.cached_input_tokens) as cached_input_tokens,
      private.total(r.cache_write_5m_tokens) as cache_write_5m_tokens,
      private.total(r.cache_write_1h_tokens) as cache_write_1h_tokens, private.total(r.input_audio_tokens) as input_audio_tokens,
      private.total(r.cached_input_audio_tokens) as cached_input_audio_tokens,
      private.total(r.visible_output_tokens) as visible_output_tokens, private.total(r.reasoning_tokens) as reasoning_tokens,
      private.total(r.output_audio_tokens) as output_audio_tokens, sum(r.cost_input) as cost_input,
      sum(r.cost_cached_input) as cost_cached_input, sum(r.cost_cache_write) as cost_cache_write,
      sum(r.cost_output) as cost_output, sum(r.cost_other) as cost_other,
      count(*) filter (where r.cost_status = 'provider_reported') as provider_reported_requests,
      count(*) filter (where r.cost_status = 'estimated') as estimated_requests,
      count(*) filter (where r.cost_status = 'partial') as partial_requests,
      count(*) filter (where r.cost_status = 'unpriced') as unpriced_requests,
      count(*) filter (where r.cost_status = 'disputed') as disputed_requests, coalesce(sum(b.unit), 0) as latency
    from private.usage_records r
    left join private.latency_buckets b on b.bucket = private.latency_bucket(r.latency_ms)
    cross join lateral (select date_bin(p_bucket, r."timestamp", '2000-01-01 00:00+00') as bucket) h
    cross join lateral (values
      ('model', h.bucket, r.model, r.provider), ('minute', date_bin('1 minute', r."timestamp", '2000-01-01 00:00+00'), '', ''),
      ('team', h.bucket, coalesce(r.team_id::text, ''), ''), ('project', h.bucket, coalesce(r.project_id::text, ''), ''),
      ('feature', h.bucket, coalesce(r.feature, ''), ''), ('api_key', h.bucket, coalesce(r.api_key_id::text, ''), ''),
      ('environment', h.bucket, coalesce(r.environment, ''), ''),
      ('end_user', date_trunc('day', r."timestamp", p_time_zone), coalesce(r.end_user, ''), '')
    ) v (rollup, bucket, key, provider)
    where r.organization_id = p_organization_id and r."timestamp" >= p_from and r."timestamp" < p_to
    group by v.rollup, r.organization_id, v.bucket, v.key, v.provider
  ),
  -- What a coarser rollup holds is the sum of a finer one.
  bucketed as materialized (
    select c.* from counted c
    union all
    select 'total', c.organization_id, c.bucket, '', '',
      private.total(c.requests) as requests, private.total(c.errors) as errors,
      private.total(c.fresh_input_tokens) as fresh_input_tokens, private.total(c.cached_input_tokens) as cached_input_tokens,
      private.total(c.cache_write_5m_tokens) as cache_write_5m_tokens,
      private.total(c.cache_write_1h_tokens) as cache_write_1h_tokens, private.total(c.input_audio_tokens) as input_audio_tokens,
      private.total(c.cached_input_audio_tokens) as cached_input_audio_tokens,
      private.total(c.visible_output_tokens) as visible_output_tokens, private.total(c.reasoning_tokens) as reasoning_tokens,
      private.total(c.output_audio_tokens) as output_audio_tokens, sum(c.cost_input) as cost_input,
      sum(c.cost_cached_input) as cost_cached_input, sum(c.cost_cache_write) as cost_cache_write,
      sum(c.cost_output) as cost_output, sum(c.cost_other) as cost_other,
      private.total(c.provider_reported_requests) as provider_reported_requests,
      private.total(c.estimated_requests) as estimated_requests, private.total(c.partial_requests) as partial_requests,
      private.total(c.unpriced_requests) as unpriced_requests, private.total(c.disputed_requests) as disputed_requests,
      sum(c.latency) as latency
    from counted c
    where c.rollup = 'model'
    group by c.organization_id, c.bucket
  )
  select t.* from bucketed t
  union all
  select t.rollup || '_day', t.organization_id, date_trunc('day', t.bucket, p_time_zone), t.key, t.provider,
    private.total(t.requests) as requests, private.total(t.errors) as errors,
    private.total(t.fresh_input_tokens) as fresh_input_tokens, private.total(t.cached_input_tokens) as cached_input_tokens,
    private.total(t.cache_write_5m_tokens) as cache_write_5m_tokens,
    private.total(t.cache_write_1h_tokens) as cache_write_1h_tokens, private.total(t.input_audio_tokens) as input_audio_tokens,
    private.total(t.cached_input_audio_tokens) as cached_input_audio_tokens,
    private.total(t.visible_output_tokens) as visible_output_tokens, private.total(t.reasoning_tokens) as reasoning_tokens,
    private.total(t.output_audio_tokens) as output_audio_tokens, sum(t.cost_input) as cost_input,
    sum(t.cost_cached_input) as cost_cached_input, sum(t.cost_cache_write) as cost_cache_write, sum(t.cost_output) as cost_output,
    sum(t.cost_other) as cost_other, private.total(t.provider_reported_requests) as provider_reported_requests,
    private.total(t.estimated_requests) as estimated_requests, private.total(t.partial_requests) as partial_requests,
    private.total(t.unpriced_requests) as unpriced_requests, private.total(t.disputed_requests) as disputed_requests,
    sum(t.latency) as latency
  from bucketed t
  where t.rollup not in ('minute', 'end_user')
  group by t.rollup, t.organization_id, date_trunc('day', t.bucket, p_time_zone), t.key, t.provider;
end;
comment on function private.usage_cells(uuid, timestamptz, timestamptz, interval, text) is
  'The cells that the rollups of an organization should hold for its records in [p_from, p_to), which must be whole local days.';

create function private.usage_days(
  p_organization_id uuid, p_time_zone text, inout p_from timestamptz, inout p_to timestamptz
)
language plpgsql stable set search_path = '' as $$
begin
  -- An open end is where the data ends: plain bounds let the planner leave out partitions.
  -- greatest() and least() pass over nulls, so an organization without data must come to no row at all.
  select greatest(p_from, d.first), least(p_to, d.last + interval '1 microsecond')
  into p_from, p_to
  from (
    select least(
        (select r."timestamp" from private.usage_records r where r.organization_id = p_organization_id order by r."timestamp" limit 1),
        (select min(t.bucket) from private.usage_rollups t where t.rollup in ('total', 'total_day') and t.organization_id = p_organization_id)
      ) as first,
      greatest(
        (select r."timestamp" from private.usage_records r where r.organization_id = p_organization_id order by r."timestamp" desc limit 1),
        (select max(t.bucket) from private.usage_rollups t where t.rollup in ('total', 'total_day') and t.organization_id = p_organization_id)
      ) as last
  ) d
  where d.first is not null;
  p_from := date_trunc('day', p_from, p_time_zone);
  if p_to <> date_trunc('day', p_to, p_time_zone) then
    p_to := private.next_local_day(date_trunc('day', p_to, p_time_zone), p_time_zone);
  end if;
end
$$;
comment on function private.usage_days(uuid, text, timestamptz, timestamptz) is
  'A range widened to whole local days and narrowed to where the organization has records or rollups; nulls or an empty range when it has none.';

create function private.rebuild_rollups(
  p_organization_id uuid, p_from timestamptz default '-infinity', p_to timestamptz default 'infinity'
) returns bigint
language plpgsql volatile set search_path = '' set jit = off set work_mem = '256MB' as $$
declare
  v_settings private.usage_settings;
  v_from timestamptz;
  v_to timestamptz;
  v_day timestamptz;
  v_next timestamptz;
  v_cells bigint := 0;
  v_count bigint;
begin
  perform private.hold_usage(p_organization_id, true);
  select * into v_settings from private.usage_settings s where s.organization_id = p_organization_id;
  select d.p_from, d.p_to into v_from, v_to from private.usage_days(p_organization_id, v_settings.time_zone, p_from, p_to) d;
  if v_from is null or v_from >= v_to then
    return 0;
  end if;
  if p_from = '-infinity' and p_to = 'infinity' then
    delete from private.usage_rollups t where t.organization_id = p_organization_id;
  else
    delete from private.usage_rollups t where t.organization_id = p_organization_id and t.bucket >= v_from and t.bucket < v_to;
  end if;
  -- Ten days at a time: what is being grouped stays in memory.
  v_day := v_from;
  while v_day < v_to loop
    v_next := v_day;
    for i in 1 .. 10 loop
      v_next := least(v_to, private.next_local_day(v_next, v_settings.time_zone));
    end loop;
    insert into private.usage_rollups
    select c.* from private.usage_cells(p_organization_id, v_day, v_next, v_settings.bucket, v_settings.time_zone) c;
    get diagnostics v_count = row_count;
    v_cells := v_cells + v_count;
    v_day := v_next;
  end loop;
  return v_cells;
end
$$;
comment on function private.rebuild_rollups(uuid, timestamptz, timestamptz) is
  'Makes the rollups of an organization for a range (widened to whole local days) from its records, and returns the number of cells. Ends in the same bytes as the deltas of record_usage(). Ingestion for the organization waits meanwhile.';

create function private.usage_differences(
  p_organization_id uuid, p_from timestamptz default '-infinity', p_to timestamptz default 'infinity'
) returns table (rollup text, bucket timestamptz, key text, field text, rollup_value text, record_value text)
language plpgsql stable set search_path = '' set jit = off set work_mem = '256MB' as $$
#variable_conflict use_column
declare
  v_settings private.usage_settings;
  v_from timestamptz;
  v_to timestamptz;
begin
  select * into v_settings from private.usage_settings s where s.organization_id = p_organization_id;
  select d.p_from, d.p_to into v_from, v_to from private.usage_days(p_organization_id, v_settings.time_zone, p_from, p_to) d;
  return query
  select coalesce(t.rollup, c.rollup), coalesce(t.bucket, c.bucket), coalesce(t.key, c.key)
      || case when coalesce(t.provider, c.provider) <> '' then ' (' || coalesce(t.provider, c.provider) || ')' else '' end,
    f.key, f.value, g.value
  from (
    select * from private.usage_rollups t
    where t.organization_id = p_organization_id and t.bucket >= v_from and t.bucket < v_to
  ) t
  full join private.usage_cells(p_organization_id, v_from, v_to, v_settings.bucket, v_settings.time_zone) c
    on c.rollup = t.rollup and c.bucket = t.bucket and c.key = t.key and c.provider = t.provider
  cross join lateral jsonb_each_text(coalesce(to_jsonb(t), to_jsonb(c))) n (key, any_value)
  cross join lateral (select n.key, to_jsonb(t) ->> n.key as value) f
  cross join lateral (select to_jsonb(c) ->> n.key as value) g
  where (t.rollup is null or c.rollup is null or row(t.*) is distinct from row(c.*))
    and n.key not in ('rollup', 'organization_id', 'bucket', 'key', 'provider')
    and f.value is distinct from g.value
  union all
  -- Every record has its key, and no key is without its record.
  select 'keys', coalesce(r."timestamp", k."timestamp"), coalesce(r.id, k.key)::text, 'record',
    case when k.key is null then 'no key' else 'key' end, case when r.id is null then 'no record' else 'record' end
  from (select * from private.usage_records r where r.organization_id = p_organization_id and r."timestamp" >= v_from and r."timestamp" < v_to) r
  full join (
    select * from private.usage_keys k where k.organization_id = p_organization_id and k."timestamp" >= v_from and k."timestamp" < v_to
  ) k on k.key = r.id and k."timestamp" = r."timestamp"
  where r.id is null or k.key is null
  union all
  select 'records', r."timestamp", r.request_id, 'cost', r.cost::text,
    (r.cost_input + r.cost_cached_input + r.cost_cache_write + r.cost_output + r.cost_other)::text
  from private.usage_records r
  where r.organization_id = p_organization_id and r."timestamp" >= v_from and r."timestamp" < v_to
    and (r.cost is null) is distinct from (r.cost_status = 'unpriced')
  union all
  select 'records', r."timestamp", r.request_id, 'cost', r.cost::text,
    (r.cost_input + r.cost_cached_input + r.cost_cache_write + r.cost_output + r.cost_other)::text
  from private.usage_records r
  where r.organization_id = p_organization_id and r."timestamp" >= v_from and r."timestamp" < v_to
    and coalesce(r.cost, 0) <> r.cost_input + r.cost_cached_input + r.cost_cache_write + r.cost_output + r.cost_other;
end
$$;
comment on function private.usage_differences(uuid, timestamptz, timestamptz) is
  'Every cell of every rollup that is not what the records say (to the byte), every record without key or key without record, every cost that is not the sum of its components. One statement, so it is exact while ingestion goes on. Empty = exact.';

create function private.verify_usage(p_organization_id uuid, p_from timestamptz, p_to timestamptz)
returns table (rollup text, bucket timestamptz, key text, field text, rollup_value text, record_value text)
language plpgsql stable security definer set search_path = '' as $$
begin
  perform private.require_permission(p_organization_id, 'usage.read');
  return query
  select * from (
    select * from private.usage_differences(p_organization_id, p_from, p_to)
    union all
    select * from private.journal_differences(p_organization_id, p_from, p_to)
  ) d
  order by d.rollup, d.bucket, d.key, d.field limit 1000;
end
$$;
comment on function private.verify_usage(uuid, timestamptz, timestamptz) is 'Body of public.verify_usage: for whoever may read the usage.';

create function public.verify_usage(
  p_organization_id uuid, p_from timestamptz default '-infinity', p_to timestamptz default 'infinity'
) returns table (rollup text, bucket timestamptz, key text, field text, rollup_value text, record_value text)
language sql stable security invoker set search_path = '' as $$
  select v.* from private.verify_usage(p_organization_id, p_from, p_to) v
$$;
comment on function public.verify_usage(uuid, timestamptz, timestamptz) is
  'Are totals exactly records + journal: rollups the records, entries of the journal their lines, reversals the opposite of what they take back? Empty = yes; else up to 1,000 differences by rollup, bucket, key and field (ordered so). Another organization, like a missing one, is not_found.';

create function private.cut_usage() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_bucket interval := private.usage_bucket(new.time_zone);
begin
  if tg_op = 'INSERT' then
    insert into private.usage_settings (organization_id, time_zone, bucket) values (new.id, new.time_zone, v_bucket);
  elsif new.time_zone <> old.time_zone then
    perform private.hold_usage(new.id, true);
    update private.usage_settings s set time_zone = new.time_zone, bucket = v_bucket where s.organization_id = new.id;
    perform private.rebuild_rollups(new.id);
  end if;
  return null;
end
$$;
comment on function private.cut_usage() is
  'Trigger of organizations: days are cut by the organization''s zone, so a new zone means new rollups, in the same transaction.';
create trigger cut_usage after insert or update of time_zone on public.organizations
  for each row execute function private.cut_usage();
insert into private.usage_settings (organization_id, time_zone, bucket)
select o.id, o.time_zone, private.usage_bucket(o.time_zone) from public.organizations o;

create function private.purge_usage() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  -- Keys are found through their records: an index by organization would cost every insert.
  delete from private.usage_keys k using private.usage_records r where r.organization_id = old.id and k.key = r.id;
  delete from private.usage_records r where r.organization_id = old.id;
  delete from private.usage_rollups t where t.organization_id = old.id;
  return null;
end
$$;
comment on function private.purge_usage() is 'Trigger of organizations: usage goes with its organization, though no foreign key slows its arrival.';
create trigger purge_usage after delete on public.organizations for each row execute function private.purge_usage();

create table private.cost_journal (
  id bigint generated always as identity primary key,
  organization_id uuid not null references public.organizations (id) on delete cascade,
  journaled_at timestamptz not null default now(),
  reason text not null check (reason in ('priced', 'attributed', 're_rated')),
  first_timestamp timestamptz not null,
  last_timestamp timestamptz not null,
  records bigint not null,
  cost_before numeric not null,
  cost_after numeric not null
);
create index cost_journal_organization on private.cost_journal (organization_id, journaled_at);
comment on table private.cost_journal is
  'Every change of stored costs after the fact, with what the touched records cost before and after.';

create function private.heal_unpriced(p_limit integer default 5000) returns bigint
language plpgsql volatile security definer set search_path = '' set jit = off as $$
declare
  v_started_at timestamptz := clock_timestamp();
  v_organization_id uuid;
  v_after_timestamp timestamptz;
  v_after_id uuid;
  v_page record;
  v_deltas private.usage_rollups[];
  v_healed bigint := 0;
  v_count bigint;
begin
  -- A record may commit just after the change that would have priced it, so a change is swept for two minutes.
  if not exists (select from private.price_changes c where c.healed_at is null)
    or not pg_try_advisory_xact_lock(hashtextextended('private.heal_unpriced', 0)) then
    return 0;
  end if;
  for v_organization_id in
    select distinct r.organization_id from private.usage_records r where r.cost_status = 'unpriced' order by 1
  loop
    perform private.hold_usage(v_organization_id);
    v_after_timestamp := '-infinity';
    v_after_id := '00000000-0000-0000-0000-000000000000';
    loop
      select count(*) as records, array_agg(r.provider) as providers, array_agg(r.model) as models,
        array_agg(coalesce(r.service_tier, '')) as tiers, array_agg(coalesce(r.region, '')) as regions,
        array_agg(r.fresh_input_tokens + r.cached_input_tokens + r.cache_write_5m_tokens + r.cache_write_1h_tokens
          + r.input_audio_tokens + r.cached_input_audio_tokens) as inputs,
        array_agg(r."timestamp") as moments, (array_agg(r."timestamp" order by r."timestamp" desc, r.id desc))[1] as last_timestamp,
        (array_agg(r.id order by r."timestamp" desc, r.id desc))[1] as last_id
      into v_page
      from (
        select * from private.usage_records r
        where r.organization_id = v_organization_id and r.cost_status = 'unpriced'
          and (r."timestamp", r.id) > (v_after_timestamp, v_after_id)
        order by r."timestamp", r.id
        limit p_limit
      ) r;
      exit when v_page.records = 0;
      perform private.fill_price_card_index(
        array_fill(private.price_book_of(v_organization_id), array[v_page.records::integer]),
        v_page.providers, v_page.models, v_page.tiers, v_page.regions, v_page.inputs, v_page.moments);

      with priced as materialized (
        select r.organization_id, r."timestamp", r.id, r.provider, r.model, r.team_id, r.project_id, r.feature, r.api_key_id,
          r.environment, r.end_user, i.card_id, a.*,
          case
            when r.is_partial or coalesce(r.status = 'success' and r.other_units is null and private.leaf_bits(
              r.fresh_input_tokens, r.cached_input_tokens, r.cache_write_5m_tokens, r.cache_write_1h_tokens, r.input_audio_tokens,
              r.cached_input_audio_tokens, r.visible_output_tokens, r.reasoning_tokens, r.output_audio_tokens) = 0, false) then 'partial'
            when r.is_estimated and a.cost_status = 'exact' then 'estimated'
            else a.cost_status
          end as new_status
        from private.usage_records r
        join private.price_card_index i on i.organization_id = private.price_book_of(v_organization_id)
          and i.provider = r.provider and i.model = r.model
          and i.service_tier = coalesce(r.service_tier, '') and i.region = coalesce(r.region, '')
          and r.fresh_input_tokens + r.cached_input_tokens + r.cache_write_5m_tokens + r.cache_write_1h_tokens
            + r.input_audio_tokens + r.cached_input_audio_tokens >= i.min_input_tokens
          and r.fresh_input_tokens + r.cached_input_tokens + r.cache_write_5m_tokens + r.cache_write_1h_tokens
            + r.input_audio_tokens + r.cached_input_audio_tokens < i.max_input_tokens
          and r."timestamp" >= i.valid_from and r."timestamp" < i.valid_to
        join private.price_cards p on p.id = i.card_id
        cross join lateral private.price_leaves(p, r.fresh_input_tokens, r.cached_input_tokens, r.cache_write_5m_tokens,
          r.cache_write_1h_tokens, r.input_audio_tokens, r.cached_input_audio_tokens, r.visible_output_tokens, r.reasoning_tokens,
          r.output_audio_tokens, r.other_units) a
        where r.organization_id = v_organization_id and r.cost_status = 'unpriced' and a.cost_status <> 'unpriced'
          and (r."timestamp", r.id) > (v_after_timestamp, v_after_id)
          and (r."timestamp", r.id) <= (v_page.last_timestamp, v_page.last_id)
      ),
      updated as (
        update private.usage_records r
        set price_card_id = p.card_id, cost_status = p.new_status, cost_input = p.cost_input, cost_cached_input = p.cost_cached_input,
          cost_cache_write = p.cost_cache_write, cost_output = p.cost_output, cost_other = p.cost_other,
          cost = p.cost_input + p.cost_cached_input + p.cost_cache_write + p.cost_output + p.cost_other
        from priced p
        where r.organization_id = p.organization_id and r."timestamp" = p."timestamp" and r.id = p.id and r.cost_status = 'unpriced'
        returning r."timestamp", r.cost
      ),
      journaled as (
        insert into private.cost_journal (organization_id, reason, first_timestamp, last_timestamp, records, cost_before, cost_after)
        select v_organization_id, 'priced', min(u."timestamp"), max(u."timestamp"), count(*), 0, sum(u.cost) from updated u
        having count(*) > 0
        returning records
      ),
      deltas as (
        select v.rollup, p.organization_id, v.bucket, v.key, v.provider,
          0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint, 0::bigint,
          sum(p.cost_input), sum(p.cost_cached_input), sum(p.cost_cache_write), sum(p.cost_output), sum(p.cost_other),
          count(*) filter (where p.new_status = 'provider_reported'), count(*) filter (where p.new_status = 'estimated'),
          count(*) filter (where p.new_status = 'partial'), -count(*), count(*) filter (where p.new_status = 'disputed'), 0::numeric
        from priced p
        join private.usage_settings s on s.organization_id = p.organization_id
        cross join lateral (
          select date_bin(s.bucket, p."timestamp", '2000-01-01 00:00+00') as bucket, date_trunc('day', p."timestamp", s.time_zone) as day
        ) b
        cross join lateral (values
          ('total', b.bucket, '', ''), ('minute', date_bin('1 minute', p."timestamp", '2000-01-01 00:00+00'), '', ''),
          ('model', b.bucket, p.model, p.provider), ('team', b.bucket, coalesce(p.team_id::text, ''), ''),
          ('project', b.bucket, coalesce(p.project_id::text, ''), ''), ('feature', b.bucket, coalesce(p.feature, ''), ''),
          ('api_key', b.bucket, coalesce(p.api_key_id::text, ''), ''), ('environment', b.bucket, coalesce(p.environment, ''), ''),
          ('end_user', b.day, coalesce(p.end_user, ''), ''), ('total_day', b.day, '', ''), ('model_day', b.day, p.model, p.provider),
          ('team_day', b.day, coalesce(p.team_id::text, ''), ''), ('project_day', b.day, coalesce(p.project_id::text, ''), ''),
          ('feature_day', b.day, coalesce(p.feature, ''), ''), ('api_key_day', b.day, coalesce(p.api_key_id::text, ''), ''),
          ('environment_day', b.day, coalesce(p.environment, ''), '')
        ) v (rollup, bucket, key, provider)
        group by v.rollup, p.organization_id, v.bucket, v.key, v.provider
      )
      select (select array_agg(row(d.*)::private.usage_rollups) from deltas d), (select sum(j.records) from journaled j)
      into v_deltas, v_count;
      if v_count > 0 then
        perform private.add_to_rollups(v_deltas);
        perform private.announce_usage(v_organization_id);
        v_healed := v_healed + v_count;
      end if;
      v_after_timestamp := v_page.last_timestamp;
      v_after_id := v_page.last_id;
    end loop;
  end loop;
  update private.price_changes c set healed_at = now() where c.healed_at is null and c.changed_at < v_started_at - interval '2 minutes';
  return v_healed;
end
$$;
comment on function private.heal_unpriced(integer) is
  'Prices records that had no price as soon as one exists for their moment, moves the rollups by exactly that, and journals it; returns how many. p_limit: records per step. Idempotent; a second run at the same time does nothing.';

grant execute on function public.verify_usage(uuid, timestamptz, timestamptz) to authenticated;
grant execute on function private.verify_usage(uuid, timestamptz, timestamptz) to authenticated;
