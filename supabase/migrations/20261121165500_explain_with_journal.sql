-- A change is explained with what the journal adds to totals.

create or replace function private.usage_by_model(
  p_organization_id uuid, p_from timestamptz, p_to timestamptz, p_dimension text, p_filters jsonb
) returns table (
  key text, provider text, model text, requests bigint, input_tokens bigint, fresh_tokens bigint, cached_tokens bigint,
  written_tokens bigint, output_tokens bigint, cost_input numeric, cost_cached numeric, cost_written numeric, cost_output numeric,
  cost_other numeric
)
language plpgsql stable set search_path = '' set jit = off set plan_cache_mode = force_generic_plan set enable_sort = off as $$
#variable_conflict use_column
declare
  v_filters jsonb := private.plain_usage_filters(p_filters);
  v_bucket interval;
  v_from timestamptz := p_from;
  v_to timestamptz := p_from;
begin
  -- The rollup of models answers for whole buckets when it knows everything that is asked, the records answer the rest.
  if p_dimension in ('none', 'provider', 'model') and v_filters - '{provider,model}'::text[] = '{}' then
    select s.bucket into v_bucket from private.readable_usage_settings s where s.organization_id = p_organization_id;
    v_from := date_bin(v_bucket, p_from + v_bucket - interval '1 microsecond', '2000-01-01 00:00+00');
    v_to := greatest(v_from, date_bin(v_bucket, p_to, '2000-01-01 00:00+00'));
    if v_from >= v_to then
      v_from := p_from;
      v_to := p_from;
    end if;
  end if;
  return query
  select a.key, a.provider, a.model, private.total(a.requests),
    private.total(a.fresh_tokens + a.cached_tokens + a.written_tokens), private.total(a.fresh_tokens), private.total(a.cached_tokens),
    private.total(a.written_tokens), private.total(a.output_tokens), sum(a.cost_input), sum(a.cost_cached), sum(a.cost_written),
    sum(a.cost_output), sum(a.cost_other)
  from (
    select case p_dimension when 'none' then '' when 'provider' then t.provider else t.key end as key, t.provider, t.key as model,
      private.total(t.requests) as requests, private.total(t.fresh_input_tokens + t.input_audio_tokens) as fresh_tokens,
      private.total(t.cached_input_tokens + t.cached_input_audio_tokens) as cached_tokens,
      private.total(t.cache_write_5m_tokens + t.cache_write_1h_tokens) as written_tokens,
      private.total(t.visible_output_tokens + t.reasoning_tokens + t.output_audio_tokens) as output_tokens,
      sum(t.cost_input) as cost_input, sum(t.cost_cached_input) as cost_cached, sum(t.cost_cache_write) as cost_written,
      sum(t.cost_output) as cost_output, sum(t.cost_other) as cost_other
    from private.readable_rollups t
    where t.rollup = 'model' and t.organization_id = p_organization_id and t.bucket >= v_from and t.bucket < v_to
      and private.usage_matches(v_filters, t.provider, t.key, null, null, null, null, null, null, null, null, null, null)
    group by 1, 2, 3
    union all
    select case p_dimension
        when 'none' then '' when 'provider' then r.provider when 'model' then r.model when 'team' then coalesce(r.team_id::text, '')
        when 'project' then coalesce(r.project_id::text, '') when 'feature' then coalesce(r.feature, '')
        when 'api_key' then coalesce(r.api_key_id::text, '') when 'end_user' then coalesce(r.end_user, '')
        when 'environment' then coalesce(r.environment, '') when 'service_tier' then coalesce(r.service_tier, '')
        when 'status' then r.status when 'endpoint' then coalesce(r.endpoint, '')
      end as key, r.provider, r.model,
      count(*), private.total(r.fresh_input_tokens + r.input_audio_tokens),
      private.total(r.cached_input_tokens + r.cached_input_audio_tokens),
      private.total(r.cache_write_5m_tokens + r.cache_write_1h_tokens),
      private.total(r.visible_output_tokens + r.reasoning_tokens + r.output_audio_tokens),
      sum(r.cost_input), sum(r.cost_cached_input), sum(r.cost_cache_write), sum(r.cost_output), sum(r.cost_other)
    from (
      select * from private.readable_usage r
      where r.organization_id = p_organization_id and r."timestamp" >= p_from and r."timestamp" < v_from
      union all
      select * from private.readable_usage r
      where r.organization_id = p_organization_id and r."timestamp" >= v_to and r."timestamp" < p_to
    ) r
    where private.usage_matches(v_filters, r.provider, r.model, r.team_id, r.project_id, r.feature, r.api_key_id, r.end_user,
      r.environment, r.service_tier, r.endpoint, r.status, r.cost_status)
    group by 1, 2, 3
    union all
    -- What the journal adds to totals is explained with them; it has no usage.
    select case p_dimension
        when 'provider' then j.provider when 'model' then j.model when 'team' then coalesce(j.team_id::text, '')
        when 'project' then coalesce(j.project_id::text, '') when 'api_key' then coalesce(j.api_key_id::text, '')
        when 'environment' then coalesce(j.environment, '') else ''
      end, j.provider, j.model, 0, 0, 0, 0, 0,
      case j.component when 'input' then j.amount else 0 end, case j.component when 'cached_input' then j.amount else 0 end,
      case j.component when 'cache_write' then j.amount else 0 end, case j.component when 'output' then j.amount else 0 end,
      case j.component when 'other' then j.amount else 0 end
    from private.readable_adjustments j
    where j.organization_id = p_organization_id and j."timestamp" >= p_from and j."timestamp" < p_to
      and private.usage_matches(v_filters, j.provider, j.model, j.team_id, j.project_id, '', j.api_key_id, '', j.environment, '', '', '', '')
  ) a
  group by 1, 2, 3;
end
$$;

comment on function public.explain_change(uuid, timestamptz, timestamptz, timestamptz, timestamptz, text, jsonb, integer) is
  'Why does [p_from, p_to) cost more or less than [p_compare_from, p_compare_to)? The total first, then the keys of p_dimension by the size of their change. Per cell of key, provider and model with n requests, cost c, per-request averages of before: volume = c0·(N1/N0 − 1), as if all had grown alike; mix = n1·c0/n0 − c0 − volume, the shift between cells, new and gone ones included; size = tokens per request at old prices; cache = the new shares of fresh, cached and written input at old prices; fees = searches, images and other units per request; price = what is left: rates, tiers, adjustments of the journal. Rounded at 18 digits where divided; volume + mix + size + cache + fees + price = change, exactly. No row when neither window has anything.';
