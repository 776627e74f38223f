-- Totals are records plus journal; verifying looks at both; the sums of reconciliation say what an adjustment would enter.

drop function public.reconciliation_summary(uuid, date, date, text, text[], text[], text[]);
drop function private.reconciliation_summary(uuid, date, date, text, text[], text[], text[]);

create function private.reconciliation_summary(
  p_organization_id uuid, p_from date, p_to date, p_provider text, p_models text[], p_keys text[], p_classes text[]
) returns table (
  tracked text, journaled text, billed text, difference text, untracked text, tier text, rate text, rounding text, timing text,
  not_reported text, adjustable text, shown_before text, shown_after text, lines bigint, open_lines bigint, unsettled_lines bigint,
  first_day date, last_day date
)
language plpgsql stable security definer set search_path = '' set jit = off as $$
#variable_conflict use_column
begin
  perform private.require_permission(p_organization_id, 'connections.read');
  perform private.check_reconciliation(p_from, p_to, p_classes);
  return query
  select trim_scale(t.tracked)::text, trim_scale(t.journaled)::text, trim_scale(t.billed)::text, trim_scale(t.difference)::text,
    trim_scale(t.untracked)::text, trim_scale(t.tier)::text, trim_scale(t.rate)::text, trim_scale(t.rounding)::text,
    trim_scale(t.timing)::text, trim_scale(t.not_reported)::text, trim_scale(t.adjustable)::text,
    trim_scale(t.tracked + t.journaled)::text, trim_scale(t.tracked + t.journaled + t.adjustable)::text, t.lines, t.open_lines,
    t.unsettled_lines, t.first_day, t.last_day
  from (
    select coalesce(sum(r.tracked), 0) as tracked, coalesce(sum(r.journaled), 0) as journaled, coalesce(sum(r.billed), 0) as billed,
      coalesce(sum(r.difference), 0) as difference, coalesce(sum(r.untracked), 0) as untracked, coalesce(sum(r.tier), 0) as tier,
      coalesce(sum(r.rate), 0) as rate, coalesce(sum(r.rounding), 0) as rounding, coalesce(sum(r.timing), 0) as timing,
      coalesce(sum(r.not_reported), 0) as not_reported, coalesce(sum(v.adjustable), 0) as adjustable, count(*) as lines,
      count(*) filter (where r.difference <> 0) as open_lines, count(*) filter (where not r.is_settled) as unsettled_lines,
      min(r.day) as first_day, max(r.day) as last_day
    from private.reconciliation_remaining(p_organization_id, p_from, p_to, p_provider, p_models, p_keys, p_classes) r
    cross join lateral (
      select sum(c.amount) as adjustable
      from (values ('untracked', r.untracked), ('tier', r.tier), ('rate', r.rate), ('rounding', r.rounding), ('timing', r.timing),
        ('not_reported', r.not_reported)) c (class, amount)
      where p_classes is null or c.class = any (p_classes)
    ) v
  ) t;
end
$$;
comment on function private.reconciliation_summary(uuid, date, date, text, text[], text[], text[]) is 'Body of public.reconciliation_summary.';

create function public.reconciliation_summary(
  p_organization_id uuid, p_from date, p_to date, p_provider text default null, p_models text[] default null, p_keys text[] default null,
  p_classes text[] default null
) returns table (
  tracked text, journaled text, billed text, difference text, untracked text, tier text, rate text, rounding text, timing text,
  not_reported text, adjustable text, shown_before text, shown_after text, lines bigint, open_lines bigint, unsettled_lines bigint,
  first_day date, last_day date
)
language sql stable security invoker set search_path = '' as $$
  select * from private.reconciliation_summary(p_organization_id, p_from, p_to, p_provider, p_models, p_keys, p_classes)
$$;
comment on function public.reconciliation_summary(uuid, date, date, text, text[], text[], text[]) is
  'The sums of public.reconciliation over the same window and filters, and the preview of an adjustment of them: adjustable is what public.adjust_to_bill would enter (the chosen classes of these lines), shown_before and shown_after what totals show of these lines. One row. Codes: not_found, forbidden, invalid.';

grant execute on function
  private.reconciliation_summary(uuid, date, date, text, text[], text[], text[]),
  public.reconciliation_summary(uuid, date, date, text, text[], text[], text[])
to authenticated;

create or replace function private.usage_totals(
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
  v_first_minute timestamptz;
  v_last_minute timestamptz;
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
  v_has_journal boolean;
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

  -- Whole buckets come from the rollup, what sticks out at either end from minutes or records. Where nothing lies beyond an end, its
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
  -- Undivided, what sticks out is read by the minute as far as it goes: only seconds are left to the records.
  v_first_minute := v_from;
  v_last_minute := v_to;
  if v_rollup = 'total' then
    v_first_minute := date_bin('1 minute', p_from, '2000-01-01 00:00+00');
    if v_first_minute < p_from then
      v_first_minute := v_first_minute + interval '1 minute';
    end if;
    v_last_minute := greatest(v_to, date_bin('1 minute', p_to, '2000-01-01 00:00+00'));
  end if;
  v_has_journal := exists (
    select from private.readable_adjustments j
    where j.organization_id = p_organization_id and j."timestamp" >= p_from and j."timestamp" < p_to
  );
  v_has_edges := v_rollup is null or v_first_minute > p_from or v_last_minute < p_to;

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
      where v_from < v_first_day and r.rollup = v_rollup and r.organization_id = p_organization_id
        and r.bucket >= v_from and r.bucket < v_first_day
      union all
      select * from private.readable_rollups r
      where v_first_day < v_last_day and r.rollup = v_rollup || '_day' and r.organization_id = p_organization_id
        and r.bucket >= v_first_day and r.bucket < v_last_day
      union all
      select * from private.readable_rollups r
      where v_last_day < v_to and r.rollup = v_rollup and r.organization_id = p_organization_id
        and r.bucket >= v_last_day and r.bucket < v_to
      union all
      select * from private.readable_rollups r
      where v_first_minute < v_from and r.rollup = 'minute' and r.organization_id = p_organization_id
        and r.bucket >= v_first_minute and r.bucket < v_from
      union all
      select * from private.readable_rollups r
      where v_to < v_last_minute and r.rollup = 'minute' and r.organization_id = p_organization_id
        and r.bucket >= v_to and r.bucket < v_last_minute
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
      where v_has_edges and r.organization_id = p_organization_id and r."timestamp" >= p_from and r."timestamp" < v_first_minute
      union all
      select * from private.readable_usage r
      where v_has_edges and r.organization_id = p_organization_id and r."timestamp" >= v_last_minute and r."timestamp" < p_to
    ) r
    left join private.latency_buckets b on b.bucket = case when p_with_latency then private.latency_bucket(r.latency_ms) end
    where v_filtered is null or (
      (v_providers is null or r.provider = any (v_providers))
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
    )
    union all
    -- The journal beside the records: amounts without requests, in the component they adjust. It names no feature, end user, tier or status.
    select
      case when p_grain is not null then date_trunc(p_grain, j."timestamp", v_settings.time_zone) end,
      case p_dimension
        when 'provider' then j.provider when 'model' then j.model when 'team' then coalesce(j.team_id::text, '')
        when 'project' then coalesce(j.project_id::text, '') when 'api_key' then coalesce(j.api_key_id::text, '')
        when 'environment' then coalesce(j.environment, '') else ''
      end,
      0, 0, 0, 0, 0, 0,
      case j.component when 'input' then j.amount else 0 end, case j.component when 'cached_input' then j.amount else 0 end,
      case j.component when 'cache_write' then j.amount else 0 end, case j.component when 'output' then j.amount else 0 end,
      case j.component when 'other' then j.amount else 0 end, 0, 0, case when p_with_latency then 0 end
    from private.readable_adjustments j
    where v_has_journal and j.organization_id = p_organization_id and j."timestamp" >= p_from and j."timestamp" < p_to
      and (v_providers is null or j.provider = any (v_providers))
      and (v_models is null or j.model = any (v_models))
      and (v_teams is null or coalesce(j.team_id::text, '') = any (v_teams))
      and (v_projects is null or coalesce(j.project_id::text, '') = any (v_projects))
      and (v_api_keys is null or coalesce(j.api_key_id::text, '') = any (v_api_keys))
      and (v_environments is null or coalesce(j.environment, '') = any (v_environments))
      and (v_features is null or '' = any (v_features))
      and (v_end_users is null or '' = any (v_end_users))
      and (v_service_tiers is null or '' = any (v_service_tiers))
      and (v_endpoints is null or '' = any (v_endpoints))
      and (v_statuses is null or '' = any (v_statuses))
      and (v_cost_statuses is null or '' = any (v_cost_statuses))
  ) a
  group by 1, 2;
end
$$;

create or replace function private.verify_usage(p_organization_id uuid, p_from timestamptz, p_to timestamptz)
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

comment on function public.verify_usage(uuid, timestamptz, timestamptz) is
  'Are totals exactly records + journal: rollups the records, entries of the journal their lines, reversals the opposite of what they take back? Empty = yes; else up to 1,000 differences by rollup, bucket, key and field (ordered so). Another organization, like a missing one, is not_found.';
