-- Questions read no histogram for which nobody asked, group once, and answer the pulse from days: private.usage_totals() has one more
-- argument, everything above it passes it.

drop function private.usage_totals(uuid, timestamptz, timestamptz, text, text, jsonb);

create or replace function private.latency_percentiles(p_histogram numeric, out p50_ms integer, out p95_ms integer)
language plpgsql immutable strict parallel safe set search_path = '' as $$
declare
  -- The digits of a number to base 10^12 sum to the number modulo 10^12 - 1: the count of all requests in it.
  v_total float8 := mod(p_histogram, 999999999999);
  v_digits text;
  v_bucket integer;
  v_place integer := 1;
  v_below float8 := v_total;
  v_count float8;
begin
  if v_total is null or v_total = 0 then
    return;
  end if;
  v_digits := p_histogram::text;
  v_bucket := (length(v_digits) - 1) / 12;
  v_digits := lpad(v_digits, 12 * (v_bucket + 1), '0');
  -- From the slowest bucket down: the median is usually nearer to that end, and the front of a text is cheaper to read.
  while p50_ms is null loop
    v_count := substr(v_digits, v_place, 12)::float8;
    v_below := v_below - v_count;
    if p95_ms is null and v_below < v_total * 0.95 then
      p95_ms := round(power(1.2::float8, v_bucket + (v_total * 0.95 - v_below) / v_count));
    end if;
    if v_below < v_total * 0.5 then
      p50_ms := round(power(1.2::float8, v_bucket + (v_total * 0.5 - v_below) / v_count));
    end if;
    v_bucket := v_bucket - 1;
    v_place := v_place + 12;
  end loop;
end
$$;

create function private.usage_totals(
  p_organization_id uuid, p_from timestamptz, p_to timestamptz, p_grain text, p_dimension text, p_filters jsonb,
  p_with_latency boolean
) returns table (
  bucket timestamptz, key text, requests bigint, errors bigint, input_tokens bigint, cached_input_tokens bigint, output_tokens bigint,
  reasoning_tokens bigint, cost_input numeric, cost_cached_input numeric, cost_cache_write numeric, cost_output numeric,
  cost_other numeric, not_exact_requests bigint, unpriced_requests bigint, latency numeric
)
language plpgsql stable set search_path = '' set jit = off set plan_cache_mode = force_generic_plan set enable_sort = off set enable_nestloop = off as $$
#variable_conflict use_column
declare
  v_settings private.usage_settings;
  v_rollup text;
  v_filtered text[];
  v_from timestamptz;
  v_to timestamptz;
  v_first_day timestamptz;
  v_last_day timestamptz;
  v_providers text[];
  v_models text[];
  v_teams text[];
  v_projects text[];
  v_features text[];
  v_api_keys text[];
  v_end_users text[];
  v_environments text[];
  v_service_tiers text[];
  v_endpoints text[];
  v_statuses text[];
  v_cost_statuses text[];
  v_keys text[];
  v_has_edges boolean;
begin
  perform private.require_permission(p_organization_id, 'usage.read');
  if p_grain is not null and p_grain not in ('minute', 'hour', 'day', 'week', 'month') then
    perform private.raise_error('invalid', 'grain must be minute, hour, day, week or month.', 'p_grain');
  end if;
  if p_dimension is null or p_dimension not in ('none', 'provider', 'model', 'team', 'project', 'feature', 'api_key', 'end_user',
    'environment', 'service_tier', 'status', 'endpoint') then
    perform private.raise_error('invalid', 'There is no such dimension.', 'p_dimension');
  end if;
  if p_from is null or p_to is null then
    perform private.raise_error('invalid', 'A window needs a beginning and an end.', 'p_from');
  end if;
  if p_filters <> '{}' or p_filters is null then
    perform private.check_usage_filters(p_filters);
  end if;
  select * into v_settings from private.readable_usage_settings s where s.organization_id = p_organization_id;

  -- A rollup answers when it knows the dimension and every filter; else the records do.
  select array_agg(f) into v_filtered from jsonb_object_keys(p_filters) f;
  v_rollup := case
    when p_dimension in ('service_tier', 'status', 'endpoint') then null
    when v_filtered is null then case p_dimension when 'none' then 'total' when 'provider' then 'model' else p_dimension end
    when v_filtered <@ array['provider', 'model'] and p_dimension in ('none', 'provider', 'model') then 'model'
    when cardinality(v_filtered) = 1 and v_filtered[1] in ('team', 'project', 'feature', 'api_key', 'end_user', 'environment')
      and p_dimension in ('none', v_filtered[1]) then v_filtered[1]
  end;
  v_rollup := case
    when p_grain = 'minute' then case when v_rollup = 'total' then 'minute' end
    when p_grain = 'hour' and v_rollup = 'end_user' then null
    else v_rollup
  end;

  -- Whole buckets come from the rollup, what sticks out at either end from the records. Where nothing lies beyond an end, its
  -- bucket counts as whole: "until now" needs no records.
  v_from := p_from;
  v_to := p_from;
  if v_rollup is not null then
    if v_rollup = 'end_user' then
      v_from := date_trunc('day', p_from, v_settings.time_zone);
      v_to := date_trunc('day', p_to, v_settings.time_zone);
      if v_from < p_from then
        v_from := private.next_local_day(v_from, v_settings.time_zone);
      end if;
      if v_to < p_to and not exists (
        select from private.readable_usage r where r.organization_id = p_organization_id
          and r."timestamp" >= p_to and r."timestamp" < private.next_local_day(v_to, v_settings.time_zone)
      ) then
        v_to := private.next_local_day(v_to, v_settings.time_zone);
      end if;
    else
      v_from := date_bin(case v_rollup when 'minute' then interval '1 minute' else v_settings.bucket end, p_from, '2000-01-01 00:00+00');
      v_to := date_bin(case v_rollup when 'minute' then interval '1 minute' else v_settings.bucket end, p_to, '2000-01-01 00:00+00');
      if v_from < p_from then
        v_from := v_from + case v_rollup when 'minute' then interval '1 minute' else v_settings.bucket end;
      end if;
      if v_to < p_to and not exists (
        select from private.readable_usage r where r.organization_id = p_organization_id
          and r."timestamp" >= p_to and r."timestamp" < v_to + case v_rollup when 'minute' then interval '1 minute' else v_settings.bucket end
      ) then
        v_to := v_to + case v_rollup when 'minute' then interval '1 minute' else v_settings.bucket end;
      end if;
    end if;
    if v_to <= v_from then
      v_from := p_from;
      v_to := p_from;
      v_rollup := null;
    end if;
  end if;
  -- Within the whole buckets, whole days.
  v_first_day := v_to;
  v_last_day := v_to;
  if v_rollup is not null and v_rollup not in ('minute', 'end_user') and coalesce(p_grain, 'day') <> 'hour' then
    v_first_day := date_trunc('day', v_from, v_settings.time_zone);
    v_last_day := date_trunc('day', v_to, v_settings.time_zone);
    if v_first_day < v_from then
      v_first_day := private.next_local_day(v_first_day, v_settings.time_zone);
    end if;
    if v_last_day < v_to and not exists (
      select from private.readable_usage r where r.organization_id = p_organization_id
        and r."timestamp" >= v_to and r."timestamp" < private.next_local_day(v_last_day, v_settings.time_zone)
    ) then
      v_last_day := private.next_local_day(v_last_day, v_settings.time_zone);
      v_to := v_last_day;
    end if;
    if v_last_day <= v_first_day then
      v_first_day := v_to;
      v_last_day := v_to;
    end if;
  end if;
  v_has_edges := v_rollup is null or v_from > p_from or v_to < p_to;

  if v_filtered is not null then
    v_providers := private.usage_filter(p_filters, 'provider');
    v_models := private.usage_filter(p_filters, 'model');
    v_teams := private.usage_filter(p_filters, 'team');
    v_projects := private.usage_filter(p_filters, 'project');
    v_features := private.usage_filter(p_filters, 'feature');
    v_api_keys := private.usage_filter(p_filters, 'api_key');
    v_end_users := private.usage_filter(p_filters, 'end_user');
    v_environments := private.usage_filter(p_filters, 'environment');
    v_service_tiers := private.usage_filter(p_filters, 'service_tier');
    v_endpoints := private.usage_filter(p_filters, 'endpoint');
    v_statuses := private.usage_filter(p_filters, 'status');
    v_cost_statuses := private.usage_filter(p_filters, 'cost_status');
    v_keys := case v_rollup when 'model' then v_models else coalesce(v_teams, v_projects, v_features, v_api_keys, v_end_users, v_environments) end;
  end if;

  -- Planned for whoever asks: joins by hash, because nobody knows beforehand how many records stick out. Histograms are the widest
  -- column by far; who shows no percentiles does not read them.
  return query
  select a.bucket, a.key,
    private.total(a.requests), private.total(a.errors), private.total(a.input_tokens), private.total(a.cached_input_tokens),
    private.total(a.output_tokens), private.total(a.reasoning_tokens), sum(a.cost_input), sum(a.cost_cached_input), sum(a.cost_cache_write),
    sum(a.cost_output), sum(a.cost_other), private.total(a.not_exact_requests), private.total(a.unpriced_requests), sum(a.latency)
  from (
    select
      case when p_grain is not null then date_trunc(p_grain, r.bucket, v_settings.time_zone) end as bucket,
      case p_dimension when 'none' then '' when 'provider' then r.provider else r.key end as key,
      r.requests, r.errors,
      r.fresh_input_tokens + r.cached_input_tokens + r.cache_write_5m_tokens + r.cache_write_1h_tokens + r.input_audio_tokens
        + r.cached_input_audio_tokens as input_tokens,
      r.cached_input_tokens + r.cached_input_audio_tokens as cached_input_tokens,
      r.visible_output_tokens + r.reasoning_tokens + r.output_audio_tokens as output_tokens, r.reasoning_tokens,
      r.cost_input, r.cost_cached_input, r.cost_cache_write, r.cost_output, r.cost_other,
      r.estimated_requests + r.partial_requests + r.unpriced_requests + r.disputed_requests as not_exact_requests, r.unpriced_requests,
      case when p_with_latency then r.latency end as latency
    from (
      select * from private.readable_rollups r
      where r.rollup = v_rollup and r.organization_id = p_organization_id and r.bucket >= v_from and r.bucket < v_first_day
      union all
      select * from private.readable_rollups r
      where r.rollup = v_rollup || '_day' and r.organization_id = p_organization_id and r.bucket >= v_first_day and r.bucket < v_last_day
      union all
      select * from private.readable_rollups r
      where r.rollup = v_rollup and r.organization_id = p_organization_id and r.bucket >= v_last_day and r.bucket < v_to
    ) r
    where (v_keys is null or r.key = any (v_keys)) and (v_providers is null or r.provider = any (v_providers))
    union all
    select
      case when p_grain is not null then date_trunc(p_grain, r."timestamp", v_settings.time_zone) end,
      case p_dimension
        when 'none' then '' when 'provider' then r.provider when 'model' then r.model when 'team' then coalesce(r.team_id::text, '')
        when 'project' then coalesce(r.project_id::text, '') when 'feature' then coalesce(r.feature, '')
        when 'api_key' then coalesce(r.api_key_id::text, '') when 'end_user' then coalesce(r.end_user, '')
        when 'environment' then coalesce(r.environment, '') when 'service_tier' then coalesce(r.service_tier, '')
        when 'status' then r.status when 'endpoint' then coalesce(r.endpoint, '')
      end,
      1, case when r.status <> 'success' then 1 else 0 end,
      r.fresh_input_tokens + r.cached_input_tokens + r.cache_write_5m_tokens + r.cache_write_1h_tokens + r.input_audio_tokens
        + r.cached_input_audio_tokens,
      r.cached_input_tokens + r.cached_input_audio_tokens,
      r.visible_output_tokens + r.reasoning_tokens + r.output_audio_tokens, r.reasoning_tokens,
      r.cost_input, r.cost_cached_input, r.cost_cache_write, r.cost_output, r.cost_other,
      case when r.cost_status in ('estimated', 'partial', 'unpriced', 'disputed') then 1 else 0 end,
      case when r.cost_status = 'unpriced' then 1 else 0 end,
      case when p_with_latency then coalesce(b.unit, 0) end
    from (
      select * from private.readable_usage r
      where v_has_edges and r.organization_id = p_organization_id and r."timestamp" >= p_from and r."timestamp" < v_from
      union all
      select * from private.readable_usage r
      where v_has_edges and r.organization_id = p_organization_id and r."timestamp" >= v_to and r."timestamp" < p_to
    ) r
    left join private.latency_buckets b on b.bucket = case when p_with_latency then private.latency_bucket(r.latency_ms) end
    where (v_providers is null or r.provider = any (v_providers))
      and (v_models is null or r.model = any (v_models))
      and (v_teams is null or coalesce(r.team_id::text, '') = any (v_teams))
      and (v_projects is null or coalesce(r.project_id::text, '') = any (v_projects))
      and (v_features is null or coalesce(r.feature, '') = any (v_features))
      and (v_api_keys is null or coalesce(r.api_key_id::text, '') = any (v_api_keys))
      and (v_end_users is null or coalesce(r.end_user, '') = any (v_end_users))
      and (v_environments is null or coalesce(r.environment, '') = any (v_environments))
      and (v_service_tiers is null or coalesce(r.service_tier, '') = any (v_service_tiers))
      and (v_endpoints is null or coalesce(r.endpoint, '') = any (v_endpoints))
      and (v_statuses is null or r.status = any (v_statuses))
      and (v_cost_statuses is null or r.cost_status = any (v_cost_statuses))
  ) a
  group by 1, 2;
end
$$;

comment on function private.usage_totals(uuid, timestamptz, timestamptz, text, text, jsonb, boolean) is
  'The one answer behind every question: sums over [p_from, p_to) by bucket of p_grain in the organization''s zone (null = one bucket) and by key of p_dimension, narrowed by p_filters. Rollups where one knows dimension and filters, records for the ends that are no whole bucket and for everything else; the sums are the same to the last digit. latency is null unless p_with_latency.';

create or replace function private.usage_labels(p_organization_id uuid, p_dimension text, p_keys text[])
returns table (key text, label text)
language plpgsql stable set search_path = '' set jit = off set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
begin
  return query
  select k.key, case when k.key = '' then 'Not set' else coalesce(n.name, k.key) end
  from unnest(p_keys) k (key)
  left join (
    select t.id::text as key, t.name from private.team_names t where p_dimension = 'team' and t.organization_id = p_organization_id
    union all
    select p.id::text, p.name from private.project_names p where p_dimension = 'project' and p.organization_id = p_organization_id
    union all
    select a.id::text, a.name from private.api_key_names a where p_dimension = 'api_key' and a.organization_id = p_organization_id
  ) n on n.key = k.key;
end
$$;

create or replace function public.spend_summary(
  p_organization_id uuid, p_from timestamptz, p_to timestamptz, p_filters jsonb default '{}'
) returns table (
  cost text, cost_input text, cost_cached_input text, cost_cache_write text, cost_output text, cost_other text, requests bigint,
  errors bigint, input_tokens bigint, cached_input_tokens bigint, output_tokens bigint, reasoning_tokens bigint, total_tokens bigint,
  not_exact_requests bigint, unpriced_requests bigint, latency_p50_ms integer, latency_p95_ms integer
)
language plpgsql stable security invoker set search_path = '' set jit = off set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
begin
  return query
  select trim_scale(t.cost_input + t.cost_cached_input + t.cost_cache_write + t.cost_output + t.cost_other)::text,
    trim_scale(t.cost_input)::text, trim_scale(t.cost_cached_input)::text, trim_scale(t.cost_cache_write)::text,
    trim_scale(t.cost_output)::text, trim_scale(t.cost_other)::text, t.requests, t.errors, t.input_tokens,
    t.cached_input_tokens, t.output_tokens, t.reasoning_tokens, t.input_tokens + t.output_tokens, t.not_exact_requests,
    t.unpriced_requests, l.p50_ms, l.p95_ms
  from (
    select coalesce(sum(u.requests), 0)::bigint as requests, coalesce(sum(u.errors), 0)::bigint as errors,
      coalesce(sum(u.input_tokens), 0)::bigint as input_tokens, coalesce(sum(u.cached_input_tokens), 0)::bigint as cached_input_tokens,
      coalesce(sum(u.output_tokens), 0)::bigint as output_tokens, coalesce(sum(u.reasoning_tokens), 0)::bigint as reasoning_tokens,
      coalesce(sum(u.cost_input), 0) as cost_input, coalesce(sum(u.cost_cached_input), 0) as cost_cached_input,
      coalesce(sum(u.cost_cache_write), 0) as cost_cache_write, coalesce(sum(u.cost_output), 0) as cost_output,
      coalesce(sum(u.cost_other), 0) as cost_other, coalesce(sum(u.not_exact_requests), 0)::bigint as not_exact_requests,
      coalesce(sum(u.unpriced_requests), 0)::bigint as unpriced_requests, sum(u.latency) as latency
    from private.usage_totals(p_organization_id, p_from, p_to, null, 'none', p_filters, true) u
  ) t
  cross join lateral private.latency_percentiles(t.latency) l;
end
$$;

create or replace function public.spend_series(
  p_organization_id uuid, p_from timestamptz, p_to timestamptz, p_grain text, p_dimension text default 'none',
  p_filters jsonb default '{}', p_limit integer default 8,
  p_with_latency boolean default true
) returns table (
  bucket timestamptz, key text, label text, is_other boolean, cost text, cost_input text, cost_cached_input text, cost_cache_write text, cost_output text, cost_other text, requests bigint,
  errors bigint, input_tokens bigint, cached_input_tokens bigint, output_tokens bigint, reasoning_tokens bigint, total_tokens bigint,
  not_exact_requests bigint, unpriced_requests bigint, latency_p50_ms integer, latency_p95_ms integer
)
language plpgsql stable security invoker set search_path = '' set jit = off set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
begin
  return query
  with totals as materialized (
    select u.* from private.usage_totals(p_organization_id, p_from, p_to, coalesce(p_grain, ''), p_dimension, p_filters, p_with_latency) u
  ),
  ranked as materialized (
    select t.key, row_number() over (order by sum(t.cost_input + t.cost_cached_input + t.cost_cache_write + t.cost_output + t.cost_other) desc, sum(t.requests) desc, t.key) as place
    from totals t group by t.key
  ),
  folded as (
    select t.bucket, t.key, false as is_other, r.place, t.requests, t.errors, t.input_tokens, t.cached_input_tokens, t.output_tokens,
      t.reasoning_tokens, t.cost_input, t.cost_cached_input, t.cost_cache_write, t.cost_output, t.cost_other, t.not_exact_requests,
      t.unpriced_requests, t.latency
    from totals t
    join ranked r on r.key = t.key and r.place <= p_limit
    union all
    select t.bucket, '__other__', true, min(r.place), private.total(t.requests), private.total(t.errors), private.total(t.input_tokens),
      private.total(t.cached_input_tokens), private.total(t.output_tokens), private.total(t.reasoning_tokens), sum(t.cost_input),
      sum(t.cost_cached_input), sum(t.cost_cache_write), sum(t.cost_output), sum(t.cost_other), private.total(t.not_exact_requests),
      private.total(t.unpriced_requests), sum(t.latency)
    from totals t
    join ranked r on r.key = t.key and (r.place <= p_limit) is not true
    group by t.bucket
  )
  select f.bucket, f.key, case when f.is_other then 'Other' else n.label end, f.is_other,
    trim_scale(f.cost_input + f.cost_cached_input + f.cost_cache_write + f.cost_output + f.cost_other)::text,
    trim_scale(f.cost_input)::text, trim_scale(f.cost_cached_input)::text, trim_scale(f.cost_cache_write)::text,
    trim_scale(f.cost_output)::text, trim_scale(f.cost_other)::text, f.requests, f.errors, f.input_tokens,
    f.cached_input_tokens, f.output_tokens, f.reasoning_tokens, f.input_tokens + f.output_tokens, f.not_exact_requests,
    f.unpriced_requests, l.p50_ms, l.p95_ms
  from folded f
  left join private.usage_labels(p_organization_id, p_dimension, (select array_agg(r.key) from ranked r where r.place <= p_limit)) n
    on n.key = f.key and not f.is_other
  cross join lateral private.latency_percentiles(f.latency) l
  order by f.bucket, f.place;
end
$$;

create or replace function public.spend_by(
  p_organization_id uuid, p_from timestamptz, p_to timestamptz, p_dimension text, p_compare_from timestamptz default null,
  p_compare_to timestamptz default null, p_filters jsonb default '{}', p_order text default 'cost', p_limit integer default 50,
  p_offset integer default 0
) returns table (
  key text, label text, cost text, cost_input text, cost_cached_input text, cost_cache_write text, cost_output text, cost_other text, requests bigint,
  errors bigint, input_tokens bigint, cached_input_tokens bigint, output_tokens bigint, reasoning_tokens bigint, total_tokens bigint,
  not_exact_requests bigint, unpriced_requests bigint, latency_p50_ms integer, latency_p95_ms integer,
  previous_cost text, previous_requests bigint, change_cost text, total_rows bigint
)
language plpgsql stable security invoker set search_path = '' set jit = off set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
begin
  return query
  with now_by as materialized (
    select u.*, u.cost_input + u.cost_cached_input + u.cost_cache_write + u.cost_output + u.cost_other as cost
    from private.usage_totals(p_organization_id, p_from, p_to, null, p_dimension, p_filters, true) u
  ),
  then_by as materialized (
    select u.key, u.requests, u.cost_input + u.cost_cached_input + u.cost_cache_write + u.cost_output + u.cost_other as cost
    from private.usage_totals(p_organization_id, coalesce(p_compare_from, p_from), coalesce(p_compare_to, p_from), null, p_dimension, p_filters, false) u
    where p_compare_from is not null and p_compare_to is not null
  ),
  both_by as (
    select coalesce(n.key, t.key) as key, coalesce(n.requests, 0) as requests, coalesce(n.errors, 0) as errors,
      coalesce(n.input_tokens, 0) as input_tokens, coalesce(n.cached_input_tokens, 0) as cached_input_tokens,
      coalesce(n.output_tokens, 0) as output_tokens, coalesce(n.reasoning_tokens, 0) as reasoning_tokens,
      coalesce(n.cost_input, 0) as cost_input, coalesce(n.cost_cached_input, 0) as cost_cached_input,
      coalesce(n.cost_cache_write, 0) as cost_cache_write, coalesce(n.cost_output, 0) as cost_output,
      coalesce(n.cost_other, 0) as cost_other, coalesce(n.not_exact_requests, 0) as not_exact_requests,
      coalesce(n.unpriced_requests, 0) as unpriced_requests, n.latency, coalesce(n.cost, 0) as cost,
      case when p_compare_from is not null and p_compare_to is not null then coalesce(t.cost, 0) end as previous_cost,
      case when p_compare_from is not null and p_compare_to is not null then coalesce(t.requests, 0) end as previous_requests
    from now_by n full join then_by t on t.key = n.key
  ),
  page as materialized (
    select b.*, count(*) over () as total_rows,
      row_number() over (order by
        case p_order
          when 'requests' then b.requests when 'errors' then b.errors when 'input_tokens' then b.input_tokens
          when 'output_tokens' then b.output_tokens when 'total_tokens' then b.input_tokens + b.output_tokens
          when 'cached_input_tokens' then b.cached_input_tokens when 'reasoning_tokens' then b.reasoning_tokens
          when 'change' then abs(b.cost - coalesce(b.previous_cost, 0)) when 'key' then 0 else b.cost
        end desc, b.cost desc, b.requests desc, b.key
      ) as place
    from both_by b
    order by place
    limit least(greatest(p_limit, 0), 1000) offset greatest(p_offset, 0)
  )
  select g.key, n.label, trim_scale(g.cost_input + g.cost_cached_input + g.cost_cache_write + g.cost_output + g.cost_other)::text,
    trim_scale(g.cost_input)::text, trim_scale(g.cost_cached_input)::text, trim_scale(g.cost_cache_write)::text,
    trim_scale(g.cost_output)::text, trim_scale(g.cost_other)::text, g.requests, g.errors, g.input_tokens,
    g.cached_input_tokens, g.output_tokens, g.reasoning_tokens, g.input_tokens + g.output_tokens, g.not_exact_requests,
    g.unpriced_requests, l.p50_ms, l.p95_ms,
    trim_scale(g.previous_cost)::text, g.previous_requests, trim_scale(g.cost - g.previous_cost)::text, g.total_rows
  from page g
  left join private.usage_labels(p_organization_id, p_dimension, (select array_agg(h.key) from page h)) n on n.key = g.key
  cross join lateral private.latency_percentiles(g.latency) l
  order by case when p_order = 'key' then g.key end, g.place;
end
$$;

create or replace function public.usage_live(p_organization_id uuid, p_minutes integer default 60)
returns table (minute timestamptz, requests bigint, errors bigint, cost text, total_tokens bigint)
language plpgsql stable security invoker set search_path = '' set jit = off set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
begin
  return query
  select u.bucket, u.requests, u.errors,
    trim_scale(u.cost_input + u.cost_cached_input + u.cost_cache_write + u.cost_output + u.cost_other)::text, u.input_tokens + u.output_tokens
  from private.usage_totals(p_organization_id,
    date_bin('1 minute', now(), '2000-01-01 00:00+00') - make_interval(mins => least(greatest(p_minutes, 1), 1440) - 1),
    date_bin('1 minute', now(), '2000-01-01 00:00+00') + interval '6 minutes', 'minute', 'none', '{}', false) u
  order by u.bucket;
end
$$;

create or replace function public.usage_pulse(p_organization_id uuid) returns table (last_event_at timestamptz, events_total bigint)
language plpgsql stable security invoker set search_path = '' as $$
begin
  perform private.require_permission(p_organization_id, 'usage.read');
  return query
  select
    private.last_usage_at(p_organization_id),
    (select coalesce(sum(t.requests), 0)::bigint from private.readable_rollups t
      where t.rollup = 'total_day' and t.organization_id = p_organization_id);
end
$$;

create or replace function public.filter_values(
  p_organization_id uuid, p_from timestamptz, p_to timestamptz, p_dimension text, p_search text default null, p_limit integer default 50
) returns table (key text, label text, requests bigint)
language plpgsql stable security invoker set search_path = '' set jit = off set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
begin
  return query
  with found as materialized (
    select u.key, u.requests from private.usage_totals(p_organization_id, p_from, p_to, null, p_dimension, '{}', false) u
  )
  select f.key, n.label, f.requests
  from found f
  join private.usage_labels(p_organization_id, p_dimension, (select array_agg(o.key) from found o)) n on n.key = f.key
  where p_search is null or p_search = '' or position(lower(p_search) in lower(n.label)) > 0 or position(lower(p_search) in lower(f.key)) > 0
  order by f.requests desc, f.key
  limit least(greatest(p_limit, 0), 1000);
end
$$;

create or replace function public.overview(p_organization_id uuid) returns jsonb
language plpgsql stable security invoker set search_path = '' set jit = off set plan_cache_mode = force_generic_plan as $$
declare
  v_zone text;
  v_now timestamptz := now();
  v_today timestamptz;
  v_yesterday timestamptz;
  v_month timestamptz;
  v_last_month timestamptz;
  v_last_month_end timestamptz;
  v_end timestamptz;
  v_answer jsonb;
begin
  perform private.require_permission(p_organization_id, 'usage.read');
  select s.time_zone into v_zone from private.readable_usage_settings s where s.organization_id = p_organization_id;
  v_today := date_trunc('day', v_now, v_zone);
  v_month := date_trunc('month', v_now, v_zone);
  -- Events may be five minutes ahead of our clock; they belong to "so far" as well.
  v_end := v_now + interval '6 minutes';
  v_yesterday := date_trunc('day', v_today - interval '1 hour', v_zone);
  v_last_month := date_trunc('month', v_month - interval '1 hour', v_zone);
  -- The same local time of the same day of last month, or its end when it was shorter.
  v_last_month_end := least(v_month, (v_now at time zone v_zone - interval '1 month') at time zone v_zone);
  with days as materialized (
    select * from private.usage_totals(p_organization_id, v_month, v_end, 'day', 'provider', '{}', false)
  )
  select jsonb_build_object(
    'time_zone', v_zone, 'currency', 'USD', 'as_of', to_char(v_now at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'today', (select to_jsonb(s) from public.spend_summary(p_organization_id, v_today, v_end) s),
    'today_previous', (select to_jsonb(s) from public.spend_summary(p_organization_id, v_yesterday,
      least(v_today, (v_now at time zone v_zone - interval '1 day') at time zone v_zone)) s),
    'month', (select to_jsonb(s) from public.spend_summary(p_organization_id, v_month, v_end) s),
    'month_previous', (select to_jsonb(s) from public.spend_summary(p_organization_id, v_last_month, v_last_month_end) s),
    'by_day_and_provider', coalesce((select jsonb_agg(jsonb_build_object('day', u.bucket, 'provider', u.key,
        'cost', trim_scale(u.cost_input + u.cost_cached_input + u.cost_cache_write + u.cost_output + u.cost_other)::text,
        'requests', u.requests, 'total_tokens', u.input_tokens + u.output_tokens, 'unpriced_requests', u.unpriced_requests)
      order by u.bucket, u.key) from days u), '[]'),
    'active_providers', (select count(distinct u.key) from days u),
    'top_consumers', (select coalesce(jsonb_agg(to_jsonb(s) - 'total_rows'), '[]') from public.spend_by(p_organization_id, v_month, v_end,
      'feature', v_last_month, v_last_month_end, '{}', 'cost', 5) s),
    'movers', (select coalesce(jsonb_agg(to_jsonb(s) - 'total_rows'), '[]') from public.spend_by(p_organization_id, v_month, v_end,
      'model', v_last_month, v_last_month_end, '{}', 'change', 5) s),
    'minutes', (select coalesce(jsonb_agg(to_jsonb(m)), '[]') from public.usage_live(p_organization_id, 60) m)
  ) into v_answer;
  return v_answer;
end
$$;

grant execute on function private.usage_totals(uuid, timestamptz, timestamptz, text, text, jsonb, boolean) to authenticated;
