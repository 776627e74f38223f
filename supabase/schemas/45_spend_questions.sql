-- The questions themselves. Signatures are the contract of lib/usage/queries.ts and of the API. They are plpgsql with generic plans,
-- because planning takes longer than answering: thus a connection plans each question once.

create function private.usage_labels(p_organization_id uuid, p_dimension text, p_keys text[])
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
comment on function private.usage_labels(uuid, text, text[]) is
  'What people call the keys of a dimension: names of teams, projects and API keys; everything else, and what was deleted, by itself.';

create function public.spend_summary(
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
comment on function public.spend_summary(uuid, timestamptz, timestamptz, jsonb) is
  'How much was spent and used in [p_from, p_to)? One row, zeros when nothing. Filters: every dimension, and cost_status; see check_usage_filters. input_tokens and output_tokens are inclusive totals. unpriced_requests have no cost and are in no sum.';

create function public.spend_series(
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
comment on function public.spend_series(uuid, timestamptz, timestamptz, text, text, jsonb, integer, boolean) is
  'How did spend and use develop, split by a dimension? Buckets of p_grain (minute, hour, day, week, month) in the organization''s zone; only buckets in which something happened. The p_limit keys that cost most over the window by themselves, the rest as __other__; parts sum exactly to spend_summary. Ordered by bucket, then by cost over the window. Percentiles cost more than all sums together: p_with_latency false leaves them null.';

create function public.spend_by(
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
comment on function public.spend_by(uuid, timestamptz, timestamptz, text, timestamptz, timestamptz, jsonb, text, integer, integer) is
  'Who or what spends, beside an earlier window [p_compare_from, p_compare_to)? One row per key of p_dimension that appears in either window; key empty = not set. p_order: cost (default), requests, errors, the token sums, change (largest move first), all descending. total_rows counts the keys before p_limit (at most 1000) and p_offset.';

create function public.usage_live(p_organization_id uuid, p_minutes integer default 60)
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
comment on function public.usage_live(uuid, integer) is
  'What happens right now, minute by minute? The last p_minutes minutes (at most a day) with anything in them, oldest first.';

create function private.last_usage_at(p_organization_id uuid) returns timestamptz
language plpgsql stable security definer set search_path = '' set plan_cache_mode = force_generic_plan set enable_sort = off as $$
begin
  perform private.require_permission(p_organization_id, 'usage.read');
  return (select r."timestamp" from private.usage_records r where r.organization_id = p_organization_id order by r."timestamp" desc limit 1);
end
$$;
comment on function private.last_usage_at(uuid) is
  'When the newest record happened, for whoever may read the usage. Definer for the sake of the index, see private.usage_requests.';

create function public.usage_pulse(p_organization_id uuid) returns table (last_event_at timestamptz, events_total bigint)
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
comment on function public.usage_pulse(uuid) is 'Has anything ever arrived, and when last? One row; cheap enough to ask every second.';

create function public.filter_values(
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
comment on function public.filter_values(uuid, timestamptz, timestamptz, text, text, integer) is
  'Which values can this dimension be filtered by? Those that appear in [p_from, p_to) and contain p_search in key or label, most used first.';

