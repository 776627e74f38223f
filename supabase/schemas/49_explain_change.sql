-- Why did spend change? An exact decomposition: every part is a number of its own, and the parts sum to the change to the last digit.

create function private.usage_matches(
  p_filters jsonb, p_provider text, p_model text, p_team_id uuid, p_project_id uuid, p_feature text, p_api_key_id uuid, p_end_user text,
  p_environment text, p_service_tier text, p_endpoint text, p_status text, p_cost_status text
) returns boolean
language sql immutable parallel safe
return p_filters = '{}' or (
  coalesce(p_filters -> 'provider' ? p_provider, true) and coalesce(p_filters -> 'model' ? p_model, true)
  and coalesce(p_filters -> 'team' ? coalesce(p_team_id::text, ''), true)
  and coalesce(p_filters -> 'project' ? coalesce(p_project_id::text, ''), true)
  and coalesce(p_filters -> 'feature' ? coalesce(p_feature, ''), true)
  and coalesce(p_filters -> 'api_key' ? coalesce(p_api_key_id::text, ''), true)
  and coalesce(p_filters -> 'end_user' ? coalesce(p_end_user, ''), true)
  and coalesce(p_filters -> 'environment' ? coalesce(p_environment, ''), true)
  and coalesce(p_filters -> 'service_tier' ? coalesce(p_service_tier, ''), true)
  and coalesce(p_filters -> 'endpoint' ? coalesce(p_endpoint, ''), true)
  and coalesce(p_filters -> 'status' ? p_status, true) and coalesce(p_filters -> 'cost_status' ? p_cost_status, true)
);
comment on function private.usage_matches(jsonb, text, text, uuid, uuid, text, uuid, text, text, text, text, text, text) is
  'Does a record pass the filters? {dimension: [texts]}, "not set" written as the empty text, see private.plain_usage_filters().';

create function private.plain_usage_filters(p_filters jsonb) returns jsonb
language sql immutable parallel safe set search_path = '' as $$
  select coalesce(jsonb_object_agg(f.key, (select coalesce(jsonb_agg(coalesce(v, '')), '[]') from jsonb_array_elements_text(f.value) v)), '{}')
  from jsonb_each(p_filters) f
$$;
comment on function private.plain_usage_filters(jsonb) is 'Filters with "not set" (null) written as the empty text.';

create function private.usage_by_model(
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
comment on function private.usage_by_model(uuid, timestamptz, timestamptz, text, jsonb) is
  'Sums over [p_from, p_to) by key of p_dimension, provider and model: the grain at which a change is explained. Token classes: fresh, read from a cache, written to one.';

create function public.explain_change(
  p_organization_id uuid, p_from timestamptz, p_to timestamptz, p_compare_from timestamptz, p_compare_to timestamptz,
  p_dimension text default 'model', p_filters jsonb default '{}', p_limit integer default 50
) returns table (
  key text, label text, is_total boolean, cost_before text, cost_after text, change text, volume text, mix text, size text, cache text,
  fees text, price text, requests_before bigint, requests_after bigint, total_rows bigint
)
language plpgsql stable security invoker set search_path = '' set jit = off set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
begin
  perform private.require_permission(p_organization_id, 'usage.read');
  if p_dimension is null or p_dimension not in ('none', 'provider', 'model', 'team', 'project', 'feature', 'api_key', 'end_user',
    'environment', 'service_tier', 'status', 'endpoint') then
    perform private.raise_error('invalid', 'There is no such dimension.', 'p_dimension');
  end if;
  if p_from is null or p_to is null or p_compare_from is null or p_compare_to is null then
    perform private.raise_error('invalid', 'Both windows need a beginning and an end.', 'p_from');
  end if;
  perform private.check_usage_filters(p_filters);
  return query
  with before as materialized (
    select * from private.usage_by_model(p_organization_id, p_compare_from, p_compare_to, p_dimension, p_filters)
  ),
  after as materialized (
    select * from private.usage_by_model(p_organization_id, p_from, p_to, p_dimension, p_filters)
  ),
  counts as (
    select (select coalesce(sum(b.requests), 0) from before b) as n0, (select coalesce(sum(a.requests), 0) from after a) as n1
  ),
  cells as (
    select coalesce(a.key, b.key) as key, coalesce(b.requests, 0)::numeric as n0, coalesce(a.requests, 0)::numeric as n1,
      coalesce(b.cost_input + b.cost_cached + b.cost_written + b.cost_output + b.cost_other, 0) as c0,
      coalesce(a.cost_input + a.cost_cached + a.cost_written + a.cost_output + a.cost_other, 0) as c1,
      coalesce(b.input_tokens, 0)::numeric as x0, coalesce(a.input_tokens, 0)::numeric as x1,
      coalesce(b.output_tokens, 0)::numeric as y0, coalesce(a.output_tokens, 0)::numeric as y1,
      coalesce(b.cost_other, 0) as f0, coalesce(a.cost_other, 0) as f1,
      -- Before: what a token of each class cost, or, where none was used, what it costs now.
      (b.cost_input + b.cost_cached + b.cost_written) / nullif(b.input_tokens, 0) as input_price,
      coalesce(b.cost_output / nullif(b.output_tokens, 0), a.cost_output / nullif(a.output_tokens, 0), 0) as output_price,
      (a.fresh_tokens * coalesce(b.cost_input / nullif(b.fresh_tokens, 0), a.cost_input / nullif(a.fresh_tokens, 0), 0)
        + a.cached_tokens * coalesce(b.cost_cached / nullif(b.cached_tokens, 0), a.cost_cached / nullif(a.cached_tokens, 0), 0)
        + a.written_tokens * coalesce(b.cost_written / nullif(b.written_tokens, 0), a.cost_written / nullif(a.written_tokens, 0), 0)
      ) as input_at_old_prices
    from before b
    full join after a on a.key = b.key and a.provider = b.provider and a.model = b.model
  ),
  -- A cell that is new or gone has no "before" or "after" of its own: its whole cost is volume and mix.
  parts as (
    select c.key, c.c0, c.c1, c.n0, c.n1,
      case when t.n0 = 0 then case when c.n0 = 0 then c.c1 else 0 end
        else round(c.c0 * t.n1 / t.n0, 18) - c.c0 end as volume,
      case when c.n0 = 0 or c.n1 = 0 then c.c1 else round(c.n1 * c.c0 / c.n0, 18) end as at_old_cost,
      case when c.n0 = 0 or c.n1 = 0 then 0
        else round((c.x1 - c.n1 * c.x0 / c.n0) * coalesce(c.input_price, 0) + (c.y1 - c.n1 * c.y0 / c.n0) * c.output_price, 18) end as size,
      case when c.n0 = 0 or c.n1 = 0 or c.input_price is null then 0
        else round(c.input_at_old_prices - c.x1 * c.input_price, 18) end as cache,
      case when c.n0 = 0 or c.n1 = 0 then 0 else round(c.f1 - c.n1 * c.f0 / c.n0, 18) end as fees
    from cells c
    cross join counts t
  ),
  explained as (
    select p.key, grouping(p.key) = 1 as is_total, sum(p.c0) as c0, sum(p.c1) as c1, sum(p.n0)::bigint as n0, sum(p.n1)::bigint as n1,
      sum(p.volume) as volume, sum(p.at_old_cost - p.c0 - p.volume) as mix, sum(p.size) as size, sum(p.cache) as cache,
      sum(p.fees) as fees, sum(p.c1 - p.at_old_cost - p.size - p.cache - p.fees) as price
    from parts p
    group by grouping sets ((p.key), ())
  ),
  page as materialized (
    select e.*, count(*) filter (where not e.is_total) over () as total_rows,
      row_number() over (order by e.is_total desc, abs(e.c1 - e.c0) desc, e.c1 desc, e.key) as place
    from explained e
  )
  select g.key, case when g.is_total then 'Total' else n.label end, g.is_total, trim_scale(g.c0)::text, trim_scale(g.c1)::text,
    trim_scale(g.c1 - g.c0)::text, trim_scale(g.volume)::text, trim_scale(g.mix)::text, trim_scale(g.size)::text,
    trim_scale(g.cache)::text, trim_scale(g.fees)::text, trim_scale(g.price)::text, g.n0, g.n1, g.total_rows
  from page g
  left join private.usage_labels(p_organization_id, p_dimension, (select array_agg(o.key) from page o where not o.is_total)) n
    on n.key = g.key and not g.is_total
  where g.c0 is not null and g.place <= least(greatest(p_limit, 0), 1000) + 1
  order by g.place;
end
$$;
comment on function public.explain_change(uuid, timestamptz, timestamptz, timestamptz, timestamptz, text, jsonb, integer) is
  'Why does [p_from, p_to) cost more or less than [p_compare_from, p_compare_to)? The total first, then the keys of p_dimension by the size of their change. Per cell of key, provider and model with n requests, cost c, per-request averages of before: volume = c0·(N1/N0 − 1), as if all had grown alike; mix = n1·c0/n0 − c0 − volume, the shift between cells, new and gone ones included; size = tokens per request at old prices; cache = the new shares of fresh, cached and written input at old prices; fees = searches, images and other units per request; price = what is left: rates, tiers, adjustments of the journal. Rounded at 18 digits where divided; volume + mix + size + cache + fees + price = change, exactly. No row when neither window has anything.';

grant execute on function private.usage_matches(jsonb, text, text, uuid, uuid, text, uuid, text, text, text, text, text, text) to authenticated;
grant execute on function private.plain_usage_filters(jsonb) to authenticated;
grant execute on function private.usage_by_model(uuid, timestamptz, timestamptz, text, jsonb) to authenticated;
grant execute on function public.explain_change(uuid, timestamptz, timestamptz, timestamptz, timestamptz, text, jsonb, integer) to authenticated;
