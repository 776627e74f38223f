-- Cost rows and FOCUS charges in bulk, a day at a time.

create function private.export_days(p_organization_id uuid, p_from timestamptz, p_to timestamptz)
returns table ("from" timestamptz, "to" timestamptz)
language plpgsql stable security invoker set search_path = '' as $$
begin
  perform private.require_permission(p_organization_id, 'usage.read');
  return query
  select greatest(d.bucket, p_from), least(private.next_local_day(d.bucket, s.time_zone), p_to)
  from (
    select distinct r.bucket from private.readable_rollups r
    where r.rollup = 'total_day' and r.organization_id = p_organization_id and r.bucket > p_from - interval '2 days' and r.bucket < p_to
  ) d
  join private.readable_usage_settings s on s.organization_id = p_organization_id
  where private.next_local_day(d.bucket, s.time_zone) > p_from
  order by d.bucket;
end
$$;
comment on function private.export_days(uuid, timestamptz, timestamptz) is
  'The local days of [p_from, p_to) in which anything happened, the first and last cut at the ends: what cost rows are paged by.';

create function private.export_costs(p_organization_id uuid, p_from timestamptz, p_to timestamptz, p_filters jsonb)
returns table (
  provider text, model text, service_tier text, region text, team_id uuid, project_id uuid, api_key_id uuid, feature text,
  environment text, cost_status text, price_card_id bigint, is_cache_hit boolean, requests bigint, errors bigint,
  fresh_input_tokens bigint, cached_input_tokens bigint, cache_write_5m_tokens bigint, cache_write_1h_tokens bigint,
  input_audio_tokens bigint, cached_input_audio_tokens bigint, visible_output_tokens bigint, reasoning_tokens bigint,
  output_audio_tokens bigint, cost_input numeric, cost_cached_input numeric, cost_cache_write numeric, cost_output numeric,
  cost_other numeric
)
language plpgsql stable security definer set search_path = '' set jit = off set plan_cache_mode = force_generic_plan
set work_mem = '64MB' as $$
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
  select r.provider, r.model, r.service_tier, r.region, r.team_id, r.project_id, r.api_key_id, r.feature, r.environment, r.cost_status,
    r.price_card_id, coalesce(r.cache_hit, false), count(*), count(*) filter (where r.status <> 'success'),
    private.total(r.fresh_input_tokens), private.total(r.cached_input_tokens), private.total(r.cache_write_5m_tokens),
    private.total(r.cache_write_1h_tokens), private.total(r.input_audio_tokens), private.total(r.cached_input_audio_tokens),
    private.total(r.visible_output_tokens), private.total(r.reasoning_tokens), private.total(r.output_audio_tokens),
    sum(r.cost_input), sum(r.cost_cached_input), sum(r.cost_cache_write), sum(r.cost_output), sum(r.cost_other)
  from private.usage_records r
  where r.organization_id = p_organization_id and r."timestamp" >= p_from and r."timestamp" < p_to
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
  group by 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12;
end
$$;
comment on function private.export_costs(uuid, timestamptz, timestamptz, jsonb) is
  'What was used and spent in [p_from, p_to) by everything that can be charged to somebody, and by price card, so that every row has one set of rates; for whoever may read the usage. Token columns are disjoint leaves. Definer like private.export_requests.';

create function private.export_charges(p_organization_id uuid, p_from timestamptz, p_to timestamptz, p_filters jsonb)
returns table (
  provider text, model text, service_tier text, region text, team_id uuid, project_id uuid, api_key_id uuid, feature text,
  environment text, cost_status text, price_card_id bigint, requests bigint, unit text, quantity bigint, unit_price numeric,
  list_unit_price numeric, cost numeric, list_cost numeric
)
language plpgsql stable security definer set search_path = '' set jit = off as $$
#variable_conflict use_column
begin
  perform private.require_permission(p_organization_id, 'usage.read');
  return query
  select g.provider, g.model, g.service_tier, g.region, g.team_id, g.project_id, g.api_key_id, g.feature, g.environment, g.cost_status,
    g.price_card_id, g.requests, l.unit, l.quantity, trim_scale(p.rate), trim_scale(p.list_rate),
    trim_scale(case when l.is_whole then l.stored else l.quantity * p.rate end),
    trim_scale(case when l.is_whole then l.stored else l.quantity * p.list_rate end)
  from private.export_costs(p_organization_id, p_from, p_to, p_filters) g
  left join private.price_cards c on c.id = g.price_card_id
  cross join lateral (
    select u.*, sum(u.quantity * u.rate) over (partition by u.component) as expected
    from (values
      ('input', 'input_tokens', g.fresh_input_tokens, c.input_rate, g.cost_input, false),
      ('input', 'input_audio_tokens', g.input_audio_tokens, c.input_audio_rate, g.cost_input, false),
      ('cached_input', 'cached_input_tokens', g.cached_input_tokens, c.cached_input_rate, g.cost_cached_input, false),
      ('cached_input', 'cached_input_audio_tokens', g.cached_input_audio_tokens, c.cached_input_audio_rate, g.cost_cached_input, false),
      ('cache_write', 'cache_write_5m_tokens', g.cache_write_5m_tokens, c.cache_write_5m_rate, g.cost_cache_write, false),
      ('cache_write', 'cache_write_1h_tokens', g.cache_write_1h_tokens, c.cache_write_1h_rate, g.cost_cache_write, false),
      ('output', 'output_tokens', g.visible_output_tokens, c.output_rate, g.cost_output, false),
      ('output', 'reasoning_tokens', g.reasoning_tokens, c.reasoning_rate, g.cost_output, false),
      ('output', 'output_audio_tokens', g.output_audio_tokens, c.output_audio_rate, g.cost_output, false),
      -- A whole component, where its leaves and rates do not explain what is stored: units that are no tokens, or no card.
      ('input', 'input', 1, null, g.cost_input, true),
      ('cached_input', 'cached_input', 1, null, g.cost_cached_input, true),
      ('cache_write', 'cache_write', 1, null, g.cost_cache_write, true),
      ('output', 'output', 1, null, g.cost_output, true),
      ('other', 'other', 1, null, g.cost_other, true)
    ) u (component, unit, quantity, rate, stored, is_whole)
  ) l
  cross join lateral (
    select case when l.stored = 0 then 0 when l.is_whole then l.stored else l.rate end as rate,
      case
        when l.stored = 0 then 0
        when l.is_whole then l.stored
        else coalesce(private.contract_rate((c.lines -> l.unit ->> 'list_rate')::numeric, c.lines -> l.unit -> 'multipliers', null), l.rate)
      end as list_rate
  ) p
  where g.cost_status <> 'unpriced' and l.quantity > 0
    and case
      when l.is_whole then l.stored <> 0 and l.stored is distinct from l.expected
      when l.stored = 0 then l.rate is not null or g.is_cache_hit
      else l.stored = l.expected and l.rate is not null
    end
  order by g.provider, g.model, l.unit, g.service_tier, g.region, g.team_id, g.project_id, g.api_key_id, g.feature, g.environment,
    g.cost_status, g.price_card_id, g.is_cache_hit;
end
$$;
comment on function private.export_charges(uuid, timestamptz, timestamptz, jsonb) is
  'private.export_costs() as one row per unit that was charged, as FOCUS asks for it: quantity × unit_price = cost, to the last digit, and quantity × list_unit_price = list_cost (list rate with the vendor''s own factors, without contract or discount). A component that its rates do not explain is one unit at its whole cost. Requests without a price are in no row; the costs sum to spend_summary.';

create function private.export_labels(p_organization_id uuid) returns table (id uuid, name text)
language plpgsql stable security invoker set search_path = '' as $$
begin
  perform private.require_permission(p_organization_id, 'usage.read');
  return query
  select t.id, t.name from private.team_names t where t.organization_id = p_organization_id
  union all
  select p.id, p.name from private.project_names p where p.organization_id = p_organization_id
  union all
  select a.id, a.name from private.api_key_names a where a.organization_id = p_organization_id;
end
$$;
comment on function private.export_labels(uuid) is 'Names of an organization''s teams, projects and keys, once per export instead of once per row.';

grant execute on function
  private.export_days(uuid, timestamptz, timestamptz), private.export_costs(uuid, timestamptz, timestamptz, jsonb),
  private.export_charges(uuid, timestamptz, timestamptz, jsonb), private.export_labels(uuid)
to authenticated;
