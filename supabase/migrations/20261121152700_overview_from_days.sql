-- This month and today are sums of the days that public.overview() reads anyway.

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
  -- This month, and today within it, are sums of its days: what was read once is not asked again.
  with days as materialized (
    select * from private.usage_totals(p_organization_id, v_month, v_end, 'day', 'provider', '{}', true)
  ),
  sums as (
    select p.since, coalesce(sum(d.requests), 0)::bigint as requests, coalesce(sum(d.errors), 0)::bigint as errors,
      coalesce(sum(d.input_tokens), 0)::bigint as input_tokens, coalesce(sum(d.cached_input_tokens), 0)::bigint as cached_input_tokens,
      coalesce(sum(d.output_tokens), 0)::bigint as output_tokens, coalesce(sum(d.reasoning_tokens), 0)::bigint as reasoning_tokens,
      coalesce(sum(d.cost_input), 0) as cost_input, coalesce(sum(d.cost_cached_input), 0) as cost_cached_input,
      coalesce(sum(d.cost_cache_write), 0) as cost_cache_write, coalesce(sum(d.cost_output), 0) as cost_output,
      coalesce(sum(d.cost_other), 0) as cost_other, coalesce(sum(d.not_exact_requests), 0)::bigint as not_exact_requests,
      coalesce(sum(d.unpriced_requests), 0)::bigint as unpriced_requests, sum(d.latency) as latency
    from (select v_today as since union select v_month) p
    left join days d on d.bucket >= p.since
    group by p.since
  ),
  so_far as materialized (
    select s.since, jsonb_build_object(
      'cost', trim_scale(s.cost_input + s.cost_cached_input + s.cost_cache_write + s.cost_output + s.cost_other)::text,
      'cost_input', trim_scale(s.cost_input)::text, 'cost_cached_input', trim_scale(s.cost_cached_input)::text,
      'cost_cache_write', trim_scale(s.cost_cache_write)::text, 'cost_output', trim_scale(s.cost_output)::text,
      'cost_other', trim_scale(s.cost_other)::text, 'requests', s.requests, 'errors', s.errors, 'input_tokens', s.input_tokens,
      'cached_input_tokens', s.cached_input_tokens, 'output_tokens', s.output_tokens, 'reasoning_tokens', s.reasoning_tokens,
      'total_tokens', s.input_tokens + s.output_tokens, 'not_exact_requests', s.not_exact_requests,
      'unpriced_requests', s.unpriced_requests, 'latency_p50_ms', l.p50_ms, 'latency_p95_ms', l.p95_ms
    ) as summary
    from sums s
    cross join lateral private.latency_percentiles(s.latency) l
  )
  select jsonb_build_object(
    'time_zone', v_zone, 'currency', 'USD', 'as_of', to_char(v_now at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'today', (select s.summary from so_far s where s.since = v_today),
    'today_previous', (select to_jsonb(s) from public.spend_summary(p_organization_id, v_yesterday,
      least(v_today, (v_now at time zone v_zone - interval '1 day') at time zone v_zone)) s),
    'month', (select s.summary from so_far s where s.since = v_month),
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
