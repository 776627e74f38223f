-- Single requests: the list, one record with its receipt, and the first page in one call.

create function private.usage_requests(
  p_organization_id uuid, p_from timestamptz, p_to timestamptz, p_filters jsonb, p_search text,
  p_before_timestamp timestamptz, p_before_id uuid, p_limit integer
) returns table (
  id uuid, request_id text, "timestamp" timestamptz, provider text, model text, endpoint text, service_tier text, status text,
  error_code text, input_tokens bigint, cached_input_tokens bigint, output_tokens bigint, reasoning_tokens bigint, latency_ms integer,
  time_to_first_token_ms integer, cost text, cost_status text, team_id uuid, team_name text, project_id uuid, project_name text,
  feature text, end_user text, environment text, api_key_id uuid, api_key_name text
)
language plpgsql stable security definer set search_path = '' set jit = off set plan_cache_mode = force_generic_plan set enable_sort = off as $$
#variable_conflict use_column
declare
  v_providers text[] := private.usage_filter(p_filters, 'provider');
  v_models text[] := private.usage_filter(p_filters, 'model');
  v_teams text[] := private.usage_filter(p_filters, 'team');
  v_projects text[] := private.usage_filter(p_filters, 'project');
  v_features text[] := private.usage_filter(p_filters, 'feature');
  v_api_keys text[] := private.usage_filter(p_filters, 'api_key');
  v_end_users text[] := private.usage_filter(p_filters, 'end_user');
  v_environments text[] := private.usage_filter(p_filters, 'environment');
  v_service_tiers text[] := private.usage_filter(p_filters, 'service_tier');
  v_endpoints text[] := private.usage_filter(p_filters, 'endpoint');
  v_statuses text[] := private.usage_filter(p_filters, 'status');
  v_cost_statuses text[] := private.usage_filter(p_filters, 'cost_status');
begin
  perform private.require_permission(p_organization_id, 'usage.read');
  perform private.check_usage_filters(p_filters);
  return query
  select r.id, r.request_id, r."timestamp", r.provider, r.model, r.endpoint, r.service_tier, r.status, r.error_code,
    r.fresh_input_tokens + r.cached_input_tokens + r.cache_write_5m_tokens + r.cache_write_1h_tokens + r.input_audio_tokens
      + r.cached_input_audio_tokens,
    r.cached_input_tokens + r.cached_input_audio_tokens,
    r.visible_output_tokens + r.reasoning_tokens + r.output_audio_tokens, r.reasoning_tokens,
    r.latency_ms, r.time_to_first_token_ms, trim_scale(r.cost)::text, r.cost_status, r.team_id, t.name, r.project_id, p.name,
    r.feature, r.end_user, r.environment, r.api_key_id, a.name
  from (
    select * from private.usage_records r
    where r.organization_id = p_organization_id and r."timestamp" >= p_from and r."timestamp" < p_to
      and r."timestamp" <= coalesce(p_before_timestamp, 'infinity')
      and (p_before_timestamp is null
        or (r."timestamp", r.id) < (p_before_timestamp, coalesce(p_before_id, '00000000-0000-0000-0000-000000000000')))
      and (v_providers is null or r.provider = any (v_providers))
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
      and (coalesce(p_search, '') = '' or starts_with(r.request_id, p_search) or r.end_user = p_search)
    order by r."timestamp" desc, r.id desc
    limit least(greatest(p_limit, 0), 1000)
  ) r
  left join private.team_names t on t.organization_id = r.organization_id and t.id = r.team_id
  left join private.project_names p on p.organization_id = r.organization_id and p.id = r.project_id
  left join private.api_key_names a on a.organization_id = r.organization_id and a.id = r.api_key_id
  order by r."timestamp" desc, r.id desc;
end
$$;
comment on function private.usage_requests(uuid, timestamptz, timestamptz, jsonb, text, timestamptz, uuid, integer) is
  'Body of public.usage_requests, for whoever may read the usage. Definer, because the newest of a view that filters by membership can only be found by reading all of it, and the newest of one organization by its index.';

create function public.usage_requests(
  p_organization_id uuid, p_from timestamptz, p_to timestamptz, p_filters jsonb default '{}', p_search text default null,
  p_before_timestamp timestamptz default null, p_before_id uuid default null, p_limit integer default 50
) returns table (
  id uuid, request_id text, "timestamp" timestamptz, provider text, model text, endpoint text, service_tier text, status text,
  error_code text, input_tokens bigint, cached_input_tokens bigint, output_tokens bigint, reasoning_tokens bigint, latency_ms integer,
  time_to_first_token_ms integer, cost text, cost_status text, team_id uuid, team_name text, project_id uuid, project_name text,
  feature text, end_user text, environment text, api_key_id uuid, api_key_name text
)
language plpgsql stable security invoker set search_path = '' as $$
begin
  return query select r.* from private.usage_requests(p_organization_id, p_from, p_to, p_filters, p_search, p_before_timestamp, p_before_id,
    p_limit) r;
end
$$;
comment on function public.usage_requests(uuid, timestamptz, timestamptz, jsonb, text, timestamptz, uuid, integer) is
  'Which requests were made in [p_from, p_to)? Newest first; the next page is asked with timestamp and id of the last row. Filters as in spend_summary; p_search: beginning of the request id, or the end user. p_limit at most 1000.';

create function public.usage_request(p_organization_id uuid, p_request_id text) returns jsonb
language plpgsql stable security invoker set search_path = '' as $$
declare
  v_record jsonb;
begin
  perform private.require_permission(p_organization_id, 'usage.read');
  select private.usage_document(r.organization_id, r."timestamp", r.id) into v_record
  from private.usage_key_times(p_organization_id, p_request_id) k
  join private.readable_usage r on r.organization_id = p_organization_id and r."timestamp" = k."timestamp" and r.id = k.id;
  return v_record;
end
$$;
comment on function public.usage_request(uuid, text) is
  'What was this request, what did it cost and why? The whole record, its cost status, its card and the lines of its receipt, whose amounts sum to the cost; null when the organization has no such request.';

create function private.usage_key_times(p_organization_id uuid, p_request_id text) returns table (id uuid, "timestamp" timestamptz)
language plpgsql stable security definer set search_path = '' as $$
begin
  perform private.require_permission(p_organization_id, 'usage.read');
  return query select k.key, k."timestamp" from private.usage_keys k
  where k.key = private.usage_key(p_organization_id, p_request_id) and k.organization_id = p_organization_id;
end
$$;
comment on function private.usage_key_times(uuid, text) is 'Where the record of a request id lies, for whoever may read the organization''s usage.';

create function private.usage_document(p_organization_id uuid, p_timestamp timestamptz, p_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_document jsonb;
begin
  perform private.require_permission(p_organization_id, 'usage.read');
  select jsonb_build_object(
    'id', r.id, 'request_id', r.request_id, 'timestamp', to_char(r."timestamp" at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'source', r.source, 'provider', r.provider, 'model', r.model, 'endpoint', r.endpoint, 'service_tier', r.service_tier, 'region', r.region,
    'input_tokens', r.fresh_input_tokens + r.cached_input_tokens + r.cache_write_5m_tokens + r.cache_write_1h_tokens
      + r.input_audio_tokens + r.cached_input_audio_tokens,
    'cached_input_tokens', r.cached_input_tokens + r.cached_input_audio_tokens, 'cache_write_5m_tokens', r.cache_write_5m_tokens,
    'cache_write_1h_tokens', r.cache_write_1h_tokens, 'input_audio_tokens', r.input_audio_tokens + r.cached_input_audio_tokens,
    'cached_input_audio_tokens', r.cached_input_audio_tokens,
    'output_tokens', r.visible_output_tokens + r.reasoning_tokens + r.output_audio_tokens, 'reasoning_tokens', r.reasoning_tokens,
    'output_audio_tokens', r.output_audio_tokens, 'total_tokens', r.fresh_input_tokens + r.cached_input_tokens + r.cache_write_5m_tokens
      + r.cache_write_1h_tokens + r.input_audio_tokens + r.cached_input_audio_tokens + r.visible_output_tokens + r.reasoning_tokens
      + r.output_audio_tokens,
    'other_units', coalesce(r.other_units, '{}'), 'status', r.status, 'error_code', r.error_code, 'latency_ms', r.latency_ms,
    'time_to_first_token_ms', r.time_to_first_token_ms, 'cache_hit', coalesce(r.cache_hit, false),
    'team_id', r.team_id, 'team_name', t.name, 'project_id', r.project_id, 'project_name', p.name,
    'api_key_id', r.api_key_id, 'api_key_name', a.name, 'feature', r.feature, 'user_id', r.end_user, 'end_user', r.end_user,
    'environment', r.environment, 'session_id', r.session_id, 'trace_id', r.trace_id, 'operation_id', r.operation_id
  ) || jsonb_build_object(
    'tags', r.tags, 'metadata', r.metadata, 'prompt_hash', r.prompt_hash, 'prompt_fingerprint', r.prompt_fingerprint,
    'raw_usage', r.raw_usage, 'normalizer', r.normalizer, 'is_estimated', coalesce(r.is_estimated, false),
    'is_partial', coalesce(r.is_partial, false),
    'recorded_at', to_char(r.recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'received_at', to_char(r.recorded_at at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"'),
    'fresh_input_tokens', r.fresh_input_tokens, 'visible_output_tokens', r.visible_output_tokens,
    'currency', 'USD', 'cost', trim_scale(r.cost)::text, 'cost_status', r.cost_status,
    'cost_input', trim_scale(r.cost_input)::text, 'cost_cached_input', trim_scale(r.cost_cached_input)::text,
    'cost_cache_write', trim_scale(r.cost_cache_write)::text, 'cost_output', trim_scale(r.cost_output)::text,
    'cost_other', trim_scale(r.cost_other)::text,
    'card', case when c.id is not null then jsonb_build_object('id', c.id, 'platform', c.platform, 'model', c.model,
      'service_tier', c.service_tier, 'region', c.region, 'matched_alias', c.matched_alias, 'is_exact', c.is_exact) end,
    'receipt', case when r.cost is null or r.cache_hit then '[]'::jsonb else private.receipt(r.price_card_id, r.fresh_input_tokens,
      r.cached_input_tokens, r.cache_write_5m_tokens, r.cache_write_1h_tokens, r.input_audio_tokens, r.cached_input_audio_tokens,
      r.visible_output_tokens, r.reasoning_tokens, r.output_audio_tokens, r.other_units) end
  )
  into v_document
  from private.usage_records r
  left join private.price_cards c on c.id = r.price_card_id
  left join private.team_names t on t.organization_id = r.organization_id and t.id = r.team_id
  left join private.project_names p on p.organization_id = r.organization_id and p.id = r.project_id
  left join private.api_key_names a on a.organization_id = r.organization_id and a.id = r.api_key_id
  where r.organization_id = p_organization_id and r."timestamp" = p_timestamp and r.id = p_id;
  return v_document;
end
$$;
comment on function private.usage_document(uuid, timestamptz, uuid) is
  'One record as a document with card and receipt, for whoever may read the organization''s usage. Definer, because cards and receipts belong to the price book.';

create function public.overview(p_organization_id uuid) returns jsonb
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
comment on function public.overview(uuid) is
  'The first page in one document, made of the questions above: today and this month beside the same part of yesterday and last month, days of the month by provider, top features, models that moved most, the last hour by minute. Days and months in the organization''s zone.';

grant select on private.readable_usage, private.readable_rollups, private.readable_usage_settings to authenticated;
grant execute on function private.total(bigint), private.total(numeric) to authenticated;
grant select on private.latency_buckets to authenticated;
grant execute on function
  private.usage_filter(jsonb, text), private.check_usage_filters(jsonb), private.next_local_day(timestamptz, text),
  private.latency_bucket(integer), private.latency_percentiles(numeric), private.usage_labels(uuid, text, text[]),
  private.usage_totals(uuid, timestamptz, timestamptz, text, text, jsonb, boolean), private.usage_key_times(uuid, text),
  private.usage_document(uuid, timestamptz, uuid), private.last_usage_at(uuid),
  private.usage_requests(uuid, timestamptz, timestamptz, jsonb, text, timestamptz, uuid, integer),
  public.spend_summary(uuid, timestamptz, timestamptz, jsonb),
  public.spend_series(uuid, timestamptz, timestamptz, text, text, jsonb, integer, boolean),
  public.spend_by(uuid, timestamptz, timestamptz, text, timestamptz, timestamptz, jsonb, text, integer, integer),
  public.usage_live(uuid, integer), public.usage_pulse(uuid),
  public.filter_values(uuid, timestamptz, timestamptz, text, text, integer),
  public.usage_requests(uuid, timestamptz, timestamptz, jsonb, text, timestamptz, uuid, integer),
  public.usage_request(uuid, text), public.overview(uuid)
to authenticated;
