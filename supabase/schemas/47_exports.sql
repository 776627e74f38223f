-- What leaves in bulk: request records, cost rows and charges, page by page. The pages are read with COPY, which takes no parameters:
-- they travel in settings of the transaction, see lib/exports/page.ts. Amounts are exact and without trailing zeros.

create function private.export_requests(
  p_organization_id uuid, p_from timestamptz, p_to timestamptz, p_filters jsonb, p_after_timestamp timestamptz, p_after_id uuid,
  p_limit integer
) returns table (
  request_id text, "timestamp" timestamptz, source text, provider text, model text, endpoint text, service_tier text, region text,
  status text, error_code text, input_tokens bigint, cached_input_tokens bigint, cache_write_5m_tokens bigint,
  cache_write_1h_tokens bigint, input_audio_tokens bigint, output_tokens bigint, reasoning_tokens bigint, output_audio_tokens bigint,
  latency_ms integer, time_to_first_token_ms integer, team_id uuid, project_id uuid, api_key_id uuid, feature text, end_user text,
  environment text, session_id text, trace_id text, cost numeric, cost_input numeric, cost_cached_input numeric,
  cost_cache_write numeric, cost_output numeric, cost_other numeric, cost_status text, id uuid
)
language plpgsql stable security definer set search_path = '' set jit = off set plan_cache_mode = force_generic_plan
set enable_sort = off set work_mem = '32MB' as $$
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
  select r.request_id, r."timestamp", r.source, r.provider, r.model, r.endpoint, r.service_tier, r.region, r.status, r.error_code,
    r.fresh_input_tokens + r.cached_input_tokens + r.cache_write_5m_tokens + r.cache_write_1h_tokens + r.input_audio_tokens
      + r.cached_input_audio_tokens,
    r.cached_input_tokens + r.cached_input_audio_tokens, r.cache_write_5m_tokens, r.cache_write_1h_tokens,
    r.input_audio_tokens + r.cached_input_audio_tokens,
    r.visible_output_tokens + r.reasoning_tokens + r.output_audio_tokens, r.reasoning_tokens, r.output_audio_tokens,
    r.latency_ms, r.time_to_first_token_ms, r.team_id, r.project_id, r.api_key_id, r.feature, r.end_user, r.environment, r.session_id,
    r.trace_id, trim_scale(r.cost), trim_scale(r.cost_input), trim_scale(r.cost_cached_input), trim_scale(r.cost_cache_write),
    trim_scale(r.cost_output), trim_scale(r.cost_other), r.cost_status, r.id
  from private.usage_records r
  where r.organization_id = p_organization_id and r."timestamp" >= p_from and r."timestamp" < p_to
    and r."timestamp" >= p_after_timestamp and (r."timestamp", r.id) > (p_after_timestamp, p_after_id)
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
  order by r."timestamp", r.id
  limit p_limit;
end
$$;
comment on function private.export_requests(uuid, timestamptz, timestamptz, jsonb, timestamptz, uuid, integer) is
  'A page of the records of [p_from, p_to), oldest first, after (p_after_timestamp, p_after_id), for whoever may read the usage. Filters as in spend_summary. Definer, because the order of one organization''s index is what makes a page cheap.';
grant execute on function private.export_requests(uuid, timestamptz, timestamptz, jsonb, timestamptz, uuid, integer) to authenticated;
