-- The one way in for usage: authenticate, price, deduplicate for ever, store, roll up, announce. One call, one transaction,
-- any number of submissions. Batches arrive as columns: parallel arrays cost a fraction of rows of jsonb.

create type private.usage_class as (
  place integer,
  code smallint,
  organization_id uuid,
  api_key_id uuid,
  price_book uuid,
  bucket interval,
  time_zone text,
  team_id uuid,
  project_id uuid,
  provider text,
  model text,
  endpoint text,
  service_tier text,
  region text,
  status text,
  error_code text,
  cache_hit boolean,
  feature text,
  environment text,
  normalizer text,
  is_estimated boolean,
  is_partial boolean,
  content_hash bigint,
  attribution_rule_id uuid
);
comment on type private.usage_class is
  'What many events of a batch have in common, resolved once. content_hash covers what was sent, not what a key or a name resolved to.';

create function private.usage_instant(p_microseconds bigint) returns timestamptz
language sql immutable parallel safe
return to_timestamp(p_microseconds / 1000000::float8);
comment on function private.usage_instant(bigint) is
  'Microseconds since 1970 → instant. Exact: a double holds seconds to better than a quarter of a microsecond until 2100.';

create function private.usage_events(
  p_classes private.usage_class[], p_class integer[], p_request_id text[], p_at bigint[],
  p_input bigint[], p_cached_input bigint[], p_cache_write_5m bigint[], p_cache_write_1h bigint[],
  p_input_audio bigint[], p_cached_input_audio bigint[], p_output bigint[], p_reasoning bigint[], p_output_audio bigint[],
  p_latency_ms integer[], p_time_to_first_token_ms integer[], p_end_user text[],
  p_other_units jsonb[], p_session_id text[], p_trace_id text[], p_operation_id text[], p_prompt_hash text[],
  p_prompt_fingerprint text[], p_tags jsonb[], p_metadata jsonb[], p_raw_usage jsonb[]
) returns table (
  place bigint, class integer, organization_id uuid, id uuid, content_hash bigint, request_id text, at timestamptz, total_input bigint,
  fresh_input_tokens bigint, cached_input_tokens bigint, cache_write_5m_tokens bigint, cache_write_1h_tokens bigint,
  input_audio_tokens bigint, cached_input_audio_tokens bigint, visible_output_tokens bigint, reasoning_tokens bigint,
  output_audio_tokens bigint, is_consistent boolean, has_usage boolean, latency_ms integer, time_to_first_token_ms integer,
  end_user text, other_units jsonb, session_id text, trace_id text, operation_id text, prompt_hash text, prompt_fingerprint text,
  tags jsonb, metadata jsonb, raw_usage jsonb
)
-- Not SQL, which would be planned anew at every call; `rows` tells the planner that the other side of every join is the small one.
language plpgsql stable rows 100000 set search_path = '' as $$
#variable_conflict use_column
begin
  return query
  select e.place, e.class, c.organization_id, private.usage_key(c.organization_id, e.request_id),
    hash_record_extended(row(
      c.content_hash, e.at, e.input, e.cached_input, e.cache_write_5m, e.cache_write_1h, e.input_audio, e.cached_input_audio, e.output,
      e.reasoning, e.output_audio, e.latency_ms, e.time_to_first_token_ms, e.end_user, e.other_units, e.session_id, e.trace_id,
      e.operation_id, e.prompt_hash, e.prompt_fingerprint, e.tags, e.metadata, e.raw_usage
    ), 0),
    e.request_id, private.usage_instant(e.at),
    -- The size class of a price goes by all input; when the parts say more than the whole, by the parts.
    greatest(coalesce(e.input, 0), l.fresh_input_tokens + l.cached_input_tokens + l.cache_write_5m_tokens + l.cache_write_1h_tokens
      + l.input_audio_tokens + l.cached_input_audio_tokens),
    l.fresh_input_tokens, l.cached_input_tokens, l.cache_write_5m_tokens, l.cache_write_1h_tokens, l.input_audio_tokens,
    l.cached_input_audio_tokens, l.visible_output_tokens, l.reasoning_tokens, l.output_audio_tokens, l.is_consistent,
    coalesce(e.input, e.output) is not null or e.other_units is not null,
    e.latency_ms, e.time_to_first_token_ms, e.end_user, e.other_units, e.session_id, e.trace_id, e.operation_id, e.prompt_hash,
    e.prompt_fingerprint, e.tags, e.metadata, e.raw_usage
  from unnest(
    p_class, p_request_id, p_at, p_input, p_cached_input, p_cache_write_5m, p_cache_write_1h, p_input_audio, p_cached_input_audio,
    p_output, p_reasoning, p_output_audio, p_latency_ms, p_time_to_first_token_ms, p_end_user, p_other_units, p_session_id, p_trace_id,
    p_operation_id, p_prompt_hash, p_prompt_fingerprint, p_tags, p_metadata, p_raw_usage
  ) with ordinality e (
    class, request_id, at, input, cached_input, cache_write_5m, cache_write_1h, input_audio, cached_input_audio,
    output, reasoning, output_audio, latency_ms, time_to_first_token_ms, end_user, other_units, session_id, trace_id,
    operation_id, prompt_hash, prompt_fingerprint, tags, metadata, raw_usage, place
  )
  join unnest(p_classes) c on c.place = e.class
  cross join lateral (
    select l.* from private.split_leaves(coalesce(e.input, 0), coalesce(e.cached_input, 0), coalesce(e.cache_write_5m, 0),
      coalesce(e.cache_write_1h, 0), coalesce(e.input_audio, 0), coalesce(e.cached_input_audio, 0), coalesce(e.output, 0),
      coalesce(e.reasoning, 0), coalesce(e.output_audio, 0)) l
    offset 0
  ) l;
end
$$;
comment on function private.usage_events(
  private.usage_class[], integer[], text[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[],
  integer[], integer[], text[], jsonb[], text[], text[], text[], text[], text[], jsonb[], jsonb[], jsonb[]
) is
  'Columns → rows: identity, what was sent (absent counts as 0, has_usage says whether any was sent), and the hash that tells a repetition from a conflict.';

create function private.require_price_card() returns bigint
language plpgsql volatile set search_path = '' as $$
begin
  raise exception 'no entry in private.price_card_index' using errcode = 'TT001';
end
$$;
comment on function private.require_price_card() is
  'Stands where a row found no entry in the price card index: record_usage() catches it, fills the index and starts over. Thus the usual batch pays nothing for looking.';

create function private.resolve_usage_classes(
  p_organization_ids uuid[], p_api_key_ids uuid[], p_key_team_ids uuid[], p_key_project_ids uuid[], p_key_environments text[],
  p_submission integer[], p_provider text[], p_model text[], p_endpoint text[], p_service_tier text[], p_region text[], p_status text[],
  p_error_code text[], p_cache_hit boolean[], p_feature text[], p_environment text[], p_team text[], p_project text[],
  p_normalizer text[], p_is_estimated boolean[], p_is_partial boolean[]
) returns private.usage_class[]
language plpgsql stable set search_path = '' set enable_nestloop = on set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
begin
  return (
  with submissions as materialized (
    select s.place, s.organization_id, s.api_key_id, coalesce(s.team_id, p.team_id) as team_id, s.project_id, s.environment, u.bucket, u.time_zone,
      private.price_book_of(s.organization_id) as price_book
    from unnest(p_organization_ids, p_api_key_ids, p_key_team_ids, p_key_project_ids, p_key_environments)
      with ordinality s (organization_id, api_key_id, team_id, project_id, environment, place)
    left join private.usage_settings u on u.organization_id = s.organization_id
    left join public.projects p on p.organization_id = s.organization_id and p.id = s.project_id
  )
  select coalesce(array_agg(row(
      c.place,
      case when s.organization_id is null then 9
        when c.team is not null and t.id is null then 4
        when c.project is not null and p.id is null then 5
        else 0 end,
      s.organization_id, s.api_key_id, s.price_book, s.bucket, s.time_zone,
      coalesce(t.id, p.team_id, s.team_id), coalesce(p.id, s.project_id),
      c.provider, c.model, c.endpoint, c.service_tier, c.region, c.status, c.error_code, c.cache_hit, c.feature,
      coalesce(c.environment, s.environment), c.normalizer, c.is_estimated, c.is_partial,
      hash_record_extended(row(c.provider, c.model, c.endpoint, c.service_tier, c.region, c.status, c.error_code, c.cache_hit, c.feature,
        c.environment, c.team, c.project, c.normalizer, c.is_estimated, c.is_partial), 0),
      null
    )::private.usage_class), '{}')
  from unnest(
    p_submission, p_provider, p_model, p_endpoint, p_service_tier, p_region, p_status, p_error_code, p_cache_hit, p_feature,
    p_environment, p_team, p_project, p_normalizer, p_is_estimated, p_is_partial
  ) with ordinality c (
    submission, provider, model, endpoint, service_tier, region, status, error_code, cache_hit, feature,
    environment, team, project, normalizer, is_estimated, is_partial, place
  )
  join submissions s on s.place = c.submission
  left join lateral (
    select t.id from public.teams t
    where c.team is not null and t.organization_id = s.organization_id and (t.slug = c.team or t.id::text = lower(c.team))
    order by t.id::text = lower(c.team) desc limit 1
  ) t on true
  left join lateral (
    select p.id, p.team_id from public.projects p
    where c.project is not null and p.organization_id = s.organization_id and (p.slug = c.project or p.id::text = lower(c.project))
    order by p.id::text = lower(c.project) desc limit 1
  ) p on true
  );
end
$$;
comment on function private.resolve_usage_classes(
  uuid[], uuid[], uuid[], uuid[], text[], integer[], text[], text[], text[], text[], text[], text[], text[], boolean[], text[], text[],
  text[], text[], text[], boolean[], boolean[]
) is
  'Whose each class is and what its team and project are: named by id or slug, else the project''s team, else what the key is bound to. code 4 or 5: the organization has no such team or project; 9: the key opens nothing.';


create function private.usage_class_cards(p_classes private.usage_class[]) returns table (
  place integer, min_input_tokens bigint, max_input_tokens bigint, valid_from timestamptz, valid_to timestamptz, card_id bigint,
  is_exact boolean, estimated_units integer, missing_units integer, has_request_fee boolean, input_rate numeric,
  cached_input_rate numeric, cache_write_5m_rate numeric, cache_write_1h_rate numeric, input_audio_rate numeric,
  cached_input_audio_rate numeric, output_rate numeric, reasoning_rate numeric, output_audio_rate numeric, other_rates jsonb
)
language plpgsql stable rows 10
set search_path = '' set enable_hashjoin = off set enable_mergejoin = off set enable_nestloop = on as $$
#variable_conflict use_column
begin
  return query
  select c.place, i.min_input_tokens, i.max_input_tokens, i.valid_from, i.valid_to, i.card_id, p.is_exact, p.estimated_units,
    p.missing_units, p.has_request_fee, p.input_rate, p.cached_input_rate, p.cache_write_5m_rate, p.cache_write_1h_rate,
    p.input_audio_rate, p.cached_input_audio_rate, p.output_rate, p.reasoning_rate, p.output_audio_rate, p.other_rates
  from unnest(p_classes) c
  join private.price_card_index i on i.provider = c.provider and i.model = c.model and i.service_tier = coalesce(c.service_tier, '')
    and i.region = coalesce(c.region, '') and i.organization_id = c.price_book
  left join private.price_cards p on p.id = i.card_id;
end
$$;
comment on function private.usage_class_cards(private.usage_class[]) is
  'The cards that may price the events of each class, with the input sizes and times for which they hold. By index, however large the price book.';

create function private.hold_usage(p_organization_id uuid, p_is_exclusive boolean default false) returns void
language plpgsql volatile set search_path = '' as $$
begin
  if p_is_exclusive then
    perform pg_advisory_xact_lock(hashtextextended('private.usage_rollups ' || p_organization_id, 0));
  else
    perform pg_advisory_xact_lock_shared(hashtextextended('private.usage_rollups ' || p_organization_id, 0));
  end if;
end
$$;
comment on function private.hold_usage(uuid, boolean) is
  'Until the end of the transaction: shared for whoever changes records and rollups of an organization together, exclusive for whoever rebuilds its rollups or changes how they are cut.';

create function private.record_usage(
  p_source text, p_key_hashes bytea[],
  p_submission integer[], p_provider text[], p_model text[], p_endpoint text[], p_service_tier text[], p_region text[], p_status text[],
  p_error_code text[], p_cache_hit boolean[], p_feature text[], p_environment text[], p_team text[], p_project text[],
  p_normalizer text[], p_is_estimated boolean[], p_is_partial boolean[],
  p_class integer[], p_request_id text[], p_at bigint[],
  p_input bigint[], p_cached_input bigint[], p_cache_write_5m bigint[], p_cache_write_1h bigint[],
  p_input_audio bigint[], p_cached_input_audio bigint[], p_output bigint[], p_reasoning bigint[], p_output_audio bigint[],
  p_latency_ms integer[], p_time_to_first_token_ms integer[], p_end_user text[],
  p_other_units jsonb[], p_session_id text[], p_trace_id text[], p_operation_id text[], p_prompt_hash text[],
  p_prompt_fingerprint text[], p_tags jsonb[], p_metadata jsonb[], p_raw_usage jsonb[],
  out outcomes text[], out organization_ids uuid[], out api_key_ids uuid[], out codes smallint[]
)
-- The planner takes every array for ten rows, and would loop over them nested and sort to group: a batch has thousands.
language plpgsql security definer
set search_path = '' set jit = off set enable_nestloop = off set enable_sort = off set plan_cache_mode = force_generic_plan as $$
declare
  v_scope text := case when p_source in ('sdk', 'otlp') then 'ingest' when p_source = 'gateway' then 'gateway' else 'admin' end;
  v_oldest timestamptz := case when v_scope = 'admin' then '2015-01-01 00:00+00' else now() - interval '35 days' end;
  v_newest timestamptz := now() + interval '5 minutes';
  v_team_ids uuid[];
  v_project_ids uuid[];
  v_environments text[];
  v_classes private.usage_class[];
  v_first bigint;
  v_last bigint;
  v_claimed uuid[];
  v_ids uuid[];
  v_is_claimed boolean := false;
  v_fills integer := 0;
  v_cells bigint := 0;
begin
  if p_source is null or p_source not in ('sdk', 'gateway', 'otlp', 'provider_sync', 'import', 'internal') then
    perform private.raise_error('invalid', 'source is not one of the known channels.', 'source');
  end if;

  -- A key without the scope opens as little as no key: whose it is stays unsaid.
  with keys as (
    select h.place, k.*,
      case when k.api_key_id is null then 'unauthenticated' when not v_scope = any (k.scopes) then 'forbidden' else 'ok' end as outcome
    from unnest(p_key_hashes) with ordinality h (sent_hash, place)
    left join private.usable_api_keys k on k.key_hash = h.sent_hash
  )
  select array_agg(k.outcome order by k.place),
    array_agg(case k.outcome when 'ok' then k.organization_id end order by k.place),
    array_agg(case k.outcome when 'ok' then k.api_key_id end order by k.place),
    array_agg(k.team_id order by k.place), array_agg(k.project_id order by k.place), array_agg(k.environment order by k.place)
  into outcomes, organization_ids, api_key_ids, v_team_ids, v_project_ids, v_environments
  from keys k;
  if coalesce(cardinality(p_class), 0) = 0 or not 'ok' = any (outcomes) then
    return;
  end if;

  select min(a), max(a) into v_first, v_last from unnest(p_at) a;
  if private.usage_instant(v_first) < v_oldest or private.usage_instant(v_last) > v_newest then
    select array_agg(case when e.is_in_time then 0 else 3 end::smallint order by e.place),
      min(e.at) filter (where e.is_in_time), max(e.at) filter (where e.is_in_time)
    into codes, v_first, v_last
    from (
      select a.at, a.place, private.usage_instant(a.at) between v_oldest and v_newest as is_in_time
      from unnest(p_at) with ordinality a (at, place)
    ) e;
  end if;

  -- Locks are taken in one order everywhere: partitions, organizations (shared, against a rebuild), keys, cells of rollups.
  if v_first is not null then
    perform private.ensure_usage_partitions(private.usage_instant(v_first), private.usage_instant(v_last));
  end if;
  perform private.hold_usage(o.id) from (select distinct id from unnest(organization_ids) id where id is not null order by id) o;

  v_classes := private.resolve_usage_classes(organization_ids, api_key_ids, v_team_ids, v_project_ids, v_environments,
    p_submission, p_provider, p_model, p_endpoint, p_service_tier, p_region, p_status, p_error_code, p_cache_hit, p_feature,
    p_environment, p_team, p_project, p_normalizer, p_is_estimated, p_is_partial);
  if exists (select from unnest(v_classes) c where c.code <> 0) then
    select array_agg(case when c.code <> 0 then c.code else coalesce(codes[e.place], 0) end::smallint order by e.place) into codes
    from unnest(p_class) with ordinality e (class, place)
    join unnest(v_classes) c on c.place = e.class;
  end if;
  if exists (select from public.attribution_rules r where r.organization_id = any (organization_ids) and r.is_enabled) then
    select a.p_classes, a.p_class into v_classes, p_class from private.attribute_usage_classes(v_classes, p_class, p_end_user, p_tags) a;
  end if;

  loop
    begin
      with cards as materialized (
        select k.* from private.usage_class_cards(v_classes) k
      ),
      -- Three levels with a fence (offset 0) between them: what one level computes, the next reads, instead of computing it at every use.
      priced as materialized (
        select m.*,
          case when m.status_of_cost = 'unpriced' then null
            else m.cost_input + m.cost_cached_input + m.cost_cache_write + m.cost_output + m.cost_other end as cost
        from (
          select r.*,
            case when r.is_free then 0 else r.amount_input end as cost_input,
            case when r.is_free then 0 else r.amount_cached_input end as cost_cached_input,
            case when r.is_free then 0 else r.amount_cache_write end as cost_cache_write,
            case when r.is_free then 0 else r.amount_output end as cost_output,
            case when r.is_free then 0 else r.amount_other end as cost_other,
            case
              when r.cache_hit then 'exact'
              when r.card_status = 'unpriced' then 'unpriced'
              when r.is_partial then 'partial'
              when r.is_estimated and r.card_status = 'exact' then 'estimated'
              else r.card_status
            end as status_of_cost
          from (
            select q.*,
              -- A hit in our own cache costs nothing, whatever the model.
              q.cache_hit is true or q.card_status = 'unpriced' as is_free
            from (
              select e.*, c.cache_hit, c.is_estimated, c.status <> 'success' as is_error,
                date_bin(c.bucket, e.at, '2000-01-01 00:00+00') as bucket,
                date_bin('1 minute', e.at, '2000-01-01 00:00+00') as minute, date_trunc('day', e.at, c.time_zone) as day, b.unit as latency_unit,
                case when k.place is null then private.require_price_card() else k.card_id end as card_id,
                c.is_partial or not e.is_consistent or not e.has_usage and c.status = 'success' as is_partial,
                a.cost_input as amount_input, a.cost_cached_input as amount_cached_input, a.cost_cache_write as amount_cache_write,
                a.cost_output as amount_output, a.cost_other as amount_other, a.cost_status as card_status
              from private.usage_events(v_classes, p_class, p_request_id, p_at, p_input, p_cached_input, p_cache_write_5m,
                p_cache_write_1h, p_input_audio, p_cached_input_audio, p_output, p_reasoning, p_output_audio, p_latency_ms,
                p_time_to_first_token_ms, p_end_user, p_other_units, p_session_id, p_trace_id, p_operation_id, p_prompt_hash,
                p_prompt_fingerprint, p_tags, p_metadata, p_raw_usage) e
              join unnest(v_classes) c on c.place = e.class
              left join cards k on k.place = e.class and e.total_input >= k.min_input_tokens and e.total_input < k.max_input_tokens
                and e.at >= k.valid_from and e.at < k.valid_to
              cross join lateral private.price_leaves(row(k.card_id, null, null, null, null, null, null, k.is_exact, k.estimated_units,
                k.missing_units, k.has_request_fee, k.input_rate, k.cached_input_rate, k.cache_write_5m_rate, k.cache_write_1h_rate,
                k.input_audio_rate, k.cached_input_audio_rate, k.output_rate, k.reasoning_rate, k.output_audio_rate, k.other_rates,
                null, null)::private.price_cards, e.fresh_input_tokens, e.cached_input_tokens, e.cache_write_5m_tokens,
                e.cache_write_1h_tokens, e.input_audio_tokens, e.cached_input_audio_tokens, e.visible_output_tokens,
                e.reasoning_tokens, e.output_audio_tokens, coalesce(e.other_units, '{}')) a
              left join private.latency_buckets b on b.bucket = private.latency_bucket(e.latency_ms)
              where codes is null or codes[e.place] = 0
              offset 0
            ) q
            offset 0
          ) r
          offset 0
        ) m
      ),
      claimed as (
        -- A plain insert, because repetitions are rare and "on conflict" makes every row look at the index twice.
        insert into private.usage_keys (key, organization_id, "timestamp", content_hash)
        select p.id, p.organization_id, p.at, p.content_hash from priced p where not v_is_claimed order by p.id
        returning 1
      ),
      stored as (
        insert into private.usage_records (
          organization_id, "timestamp", id, request_id, source, provider, model, endpoint, service_tier, region,
          fresh_input_tokens, cached_input_tokens, cache_write_5m_tokens, cache_write_1h_tokens, input_audio_tokens,
          cached_input_audio_tokens, visible_output_tokens, reasoning_tokens, output_audio_tokens, other_units,
          status, error_code, latency_ms, time_to_first_token_ms, cache_hit, api_key_id, team_id, project_id, feature, end_user,
          environment, session_id, trace_id, operation_id, tags, metadata, prompt_hash, prompt_fingerprint, raw_usage, normalizer,
          is_estimated, is_partial, price_card_id, cost_status, cost, cost_input, cost_cached_input, cost_cache_write, cost_output,
          cost_other, attribution_rule_id
        )
        select c.organization_id, p.at, p.id, p.request_id, p_source, c.provider, c.model, c.endpoint, c.service_tier, c.region,
          p.fresh_input_tokens, p.cached_input_tokens, p.cache_write_5m_tokens, p.cache_write_1h_tokens, p.input_audio_tokens,
          p.cached_input_audio_tokens, p.visible_output_tokens, p.reasoning_tokens, p.output_audio_tokens, p.other_units,
          c.status, c.error_code, p.latency_ms, p.time_to_first_token_ms, c.cache_hit, c.api_key_id, c.team_id, c.project_id, c.feature,
          p.end_user, c.environment, p.session_id, p.trace_id, p.operation_id, p.tags, p.metadata, p.prompt_hash, p.prompt_fingerprint,
          p.raw_usage, c.normalizer, c.is_estimated, c.is_partial or not p.is_consistent, p.card_id, p.status_of_cost, p.cost,
          p.cost_input, p.cost_cached_input, p.cost_cache_write, p.cost_output, p.cost_other, c.attribution_rule_id
        from priced p
        join unnest(v_classes) c on c.place = p.class
        returning 1
      ),
      -- Summed in steps, each from the sums before: many events share class and minute, minutes share a bucket, buckets a day.
      by_minute as materialized (
        select p.class, p.organization_id, p.minute, p.bucket,
          count(*) as requests,
          count(*) filter (where p.is_error) as errors,
          private.total(p.fresh_input_tokens) as fresh_input_tokens,
          private.total(p.cached_input_tokens) as cached_input_tokens,
          private.total(p.cache_write_5m_tokens) as cache_write_5m_tokens,
          private.total(p.cache_write_1h_tokens) as cache_write_1h_tokens,
          private.total(p.input_audio_tokens) as input_audio_tokens,
          private.total(p.cached_input_audio_tokens) as cached_input_audio_tokens,
          private.total(p.visible_output_tokens) as visible_output_tokens,
          private.total(p.reasoning_tokens) as reasoning_tokens,
          private.total(p.output_audio_tokens) as output_audio_tokens,
          private.total(p.cost_input) as cost_input,
          private.total(p.cost_cached_input) as cost_cached_input,
          private.total(p.cost_cache_write) as cost_cache_write,
          private.total(p.cost_output) as cost_output,
          private.total(p.cost_other) as cost_other,
          0::bigint as provider_reported_requests,
          count(*) filter (where p.status_of_cost = 'estimated') as estimated_requests,
          count(*) filter (where p.status_of_cost = 'partial') as partial_requests,
          count(*) filter (where p.status_of_cost = 'unpriced') as unpriced_requests,
          0::bigint as disputed_requests,
          coalesce(private.total(p.latency_unit), 0) as latency
        from priced p
        group by p.class, p.organization_id, p.minute, p.bucket
      ),
      cells as (
        select n.class, n.bucket,
          private.total(n.requests) as requests, private.total(n.errors) as errors,
          private.total(n.fresh_input_tokens) as fresh_input_tokens, private.total(n.cached_input_tokens) as cached_input_tokens,
          private.total(n.cache_write_5m_tokens) as cache_write_5m_tokens,
          private.total(n.cache_write_1h_tokens) as cache_write_1h_tokens,
          private.total(n.input_audio_tokens) as input_audio_tokens,
          private.total(n.cached_input_audio_tokens) as cached_input_audio_tokens,
          private.total(n.visible_output_tokens) as visible_output_tokens, private.total(n.reasoning_tokens) as reasoning_tokens,
          private.total(n.output_audio_tokens) as output_audio_tokens, private.total(n.cost_input) as cost_input,
          private.total(n.cost_cached_input) as cost_cached_input, private.total(n.cost_cache_write) as cost_cache_write,
          private.total(n.cost_output) as cost_output, private.total(n.cost_other) as cost_other,
          private.total(n.provider_reported_requests) as provider_reported_requests,
          private.total(n.estimated_requests) as estimated_requests, private.total(n.partial_requests) as partial_requests,
          private.total(n.unpriced_requests) as unpriced_requests, private.total(n.disputed_requests) as disputed_requests,
          private.total(n.latency) as latency
        from by_minute n
        group by n.class, n.bucket
      ),
      by_bucket as (
        select v.rollup, c.organization_id, c.time_zone, x.bucket, v.key, v.provider,
          private.total(x.requests) as requests,
          private.total(x.errors) as errors,
          private.total(x.fresh_input_tokens) as fresh_input_tokens,
          private.total(x.cached_input_tokens) as cached_input_tokens,
          private.total(x.cache_write_5m_tokens) as cache_write_5m_tokens,
          private.total(x.cache_write_1h_tokens) as cache_write_1h_tokens,
          private.total(x.input_audio_tokens) as input_audio_tokens,
          private.total(x.cached_input_audio_tokens) as cached_input_audio_tokens,
          private.total(x.visible_output_tokens) as visible_output_tokens,
          private.total(x.reasoning_tokens) as reasoning_tokens,
          private.total(x.output_audio_tokens) as output_audio_tokens,
          private.total(x.cost_input) as cost_input,
          private.total(x.cost_cached_input) as cost_cached_input,
          private.total(x.cost_cache_write) as cost_cache_write,
          private.total(x.cost_output) as cost_output,
          private.total(x.cost_other) as cost_other,
          private.total(x.provider_reported_requests) as provider_reported_requests,
          private.total(x.estimated_requests) as estimated_requests,
          private.total(x.partial_requests) as partial_requests,
          private.total(x.unpriced_requests) as unpriced_requests,
          private.total(x.disputed_requests) as disputed_requests,
          private.total(x.latency) as latency
        from cells x
        join unnest(v_classes) c on c.place = x.class
        cross join lateral (values
          ('total', '', ''), ('model', c.model, c.provider), ('team', coalesce(c.team_id::text, ''), ''),
          ('project', coalesce(c.project_id::text, ''), ''), ('feature', coalesce(c.feature, ''), ''),
          ('api_key', c.api_key_id::text, ''), ('environment', coalesce(c.environment, ''), '')
        ) v (rollup, key, provider)
        group by v.rollup, c.organization_id, c.time_zone, x.bucket, v.key, v.provider
      ),
      deltas as (
        select b.rollup, b.organization_id, b.bucket, b.key, b.provider,
          b.requests, b.errors, b.fresh_input_tokens, b.cached_input_tokens, b.cache_write_5m_tokens, b.cache_write_1h_tokens,
          b.input_audio_tokens, b.cached_input_audio_tokens, b.visible_output_tokens, b.reasoning_tokens, b.output_audio_tokens,
          b.cost_input, b.cost_cached_input, b.cost_cache_write, b.cost_output, b.cost_other, b.provider_reported_requests,
          b.estimated_requests, b.partial_requests, b.unpriced_requests, b.disputed_requests, b.latency
        from by_bucket b
        union all
        select b.rollup || '_day', b.organization_id, date_trunc('day', b.bucket, b.time_zone), b.key, b.provider,
          private.total(b.requests), private.total(b.errors), private.total(b.fresh_input_tokens),
          private.total(b.cached_input_tokens), private.total(b.cache_write_5m_tokens), private.total(b.cache_write_1h_tokens),
          private.total(b.input_audio_tokens), private.total(b.cached_input_audio_tokens),
          private.total(b.visible_output_tokens), private.total(b.reasoning_tokens), private.total(b.output_audio_tokens),
          private.total(b.cost_input), private.total(b.cost_cached_input), private.total(b.cost_cache_write),
          private.total(b.cost_output), private.total(b.cost_other), private.total(b.provider_reported_requests),
          private.total(b.estimated_requests), private.total(b.partial_requests), private.total(b.unpriced_requests),
          private.total(b.disputed_requests), private.total(b.latency)
        from by_bucket b
        group by b.rollup, b.organization_id, date_trunc('day', b.bucket, b.time_zone), b.key, b.provider
        union all
        select 'minute', n.organization_id, n.minute, '', '',
          private.total(n.requests), private.total(n.errors), private.total(n.fresh_input_tokens),
          private.total(n.cached_input_tokens), private.total(n.cache_write_5m_tokens), private.total(n.cache_write_1h_tokens),
          private.total(n.input_audio_tokens), private.total(n.cached_input_audio_tokens), private.total(n.visible_output_tokens),
          private.total(n.reasoning_tokens), private.total(n.output_audio_tokens), private.total(n.cost_input),
          private.total(n.cost_cached_input), private.total(n.cost_cache_write), private.total(n.cost_output),
          private.total(n.cost_other), private.total(n.provider_reported_requests), private.total(n.estimated_requests),
          private.total(n.partial_requests), private.total(n.unpriced_requests), private.total(n.disputed_requests),
          private.total(n.latency)
        from by_minute n
        group by n.organization_id, n.minute
        union all
        select 'end_user', p.organization_id, p.day, coalesce(p.end_user, ''), '',
          count(*), count(*) filter (where p.is_error),
          private.total(p.fresh_input_tokens), private.total(p.cached_input_tokens), private.total(p.cache_write_5m_tokens),
          private.total(p.cache_write_1h_tokens), private.total(p.input_audio_tokens), private.total(p.cached_input_audio_tokens),
          private.total(p.visible_output_tokens), private.total(p.reasoning_tokens), private.total(p.output_audio_tokens),
          private.total(p.cost_input), private.total(p.cost_cached_input), private.total(p.cost_cache_write), private.total(p.cost_output), private.total(p.cost_other),
          0::bigint, count(*) filter (where p.status_of_cost = 'estimated'), count(*) filter (where p.status_of_cost = 'partial'),
          count(*) filter (where p.status_of_cost = 'unpriced'), 0::bigint, coalesce(private.total(p.latency_unit), 0)
        from priced p
        group by p.organization_id, p.day, coalesce(p.end_user, '')
      )
      -- Keys first, records then, cells last and in their order: so locks are taken in one order, and cells are held shortly.
      insert into private.usage_rollups as t
      select d.* from deltas d
      where (select count(*) from claimed) >= 0 and (select count(*) from stored) >= 0
      order by d.rollup, d.organization_id, d.bucket, d.key, d.provider
      on conflict (organization_id, bucket, key, provider, rollup) do update set
        requests = t.requests + excluded.requests,
        errors = t.errors + excluded.errors,
        fresh_input_tokens = t.fresh_input_tokens + excluded.fresh_input_tokens,
        cached_input_tokens = t.cached_input_tokens + excluded.cached_input_tokens,
        cache_write_5m_tokens = t.cache_write_5m_tokens + excluded.cache_write_5m_tokens,
        cache_write_1h_tokens = t.cache_write_1h_tokens + excluded.cache_write_1h_tokens,
        input_audio_tokens = t.input_audio_tokens + excluded.input_audio_tokens,
        cached_input_audio_tokens = t.cached_input_audio_tokens + excluded.cached_input_audio_tokens,
        visible_output_tokens = t.visible_output_tokens + excluded.visible_output_tokens,
        reasoning_tokens = t.reasoning_tokens + excluded.reasoning_tokens,
        output_audio_tokens = t.output_audio_tokens + excluded.output_audio_tokens,
        cost_input = t.cost_input + excluded.cost_input,
        cost_cached_input = t.cost_cached_input + excluded.cost_cached_input,
        cost_cache_write = t.cost_cache_write + excluded.cost_cache_write,
        cost_output = t.cost_output + excluded.cost_output,
        cost_other = t.cost_other + excluded.cost_other,
        provider_reported_requests = t.provider_reported_requests + excluded.provider_reported_requests,
        estimated_requests = t.estimated_requests + excluded.estimated_requests,
        partial_requests = t.partial_requests + excluded.partial_requests,
        unpriced_requests = t.unpriced_requests + excluded.unpriced_requests,
        disputed_requests = t.disputed_requests + excluded.disputed_requests,
        latency = t.latency + excluded.latency;
      get diagnostics v_cells = row_count;
      exit;
    exception
      when unique_violation then
        if v_is_claimed then
          raise;
        end if;
        -- Some request id was stored before, is being stored by somebody else, or comes twice in this batch. The first write wins.
        with sent as (
          select e.organization_id, e.id, e.at, e.content_hash, row_number() over (partition by e.id order by e.place) as turn
          from private.usage_events(v_classes, p_class, p_request_id, p_at, p_input, p_cached_input, p_cache_write_5m, p_cache_write_1h,
            p_input_audio, p_cached_input_audio, p_output, p_reasoning, p_output_audio, p_latency_ms, p_time_to_first_token_ms,
            p_end_user, p_other_units, p_session_id, p_trace_id, p_operation_id, p_prompt_hash, p_prompt_fingerprint, p_tags,
            p_metadata, p_raw_usage) e
          where codes is null or codes[e.place] = 0
        ),
        claimed as (
          insert into private.usage_keys (key, organization_id, "timestamp", content_hash)
          select s.id, s.organization_id, s.at, s.content_hash from sent s where s.turn = 1 order by s.id
          on conflict (key) do nothing
          returning key
        )
        select (select coalesce(array_agg(c.key), '{}') from claimed c), (select coalesce(array_agg(s.id), '{}') from sent s where s.turn = 1)
        into v_claimed, v_ids;
        v_is_claimed := true;
        -- A statement of its own: only its snapshot sees what others committed while the claim waited for them.
        select array_agg(case
            when codes[e.place] <> 0 then codes[e.place]
            when c.key is not null and e.turn = 1 then 0
            when k.content_hash = e.content_hash then 1
            else 2
          end::smallint order by e.place)
        into codes
        from (
          select e.place, e.id, e.content_hash, row_number() over (partition by e.id, coalesce(codes[e.place], 0) order by e.place) as turn
          from private.usage_events(v_classes, p_class, p_request_id, p_at, p_input, p_cached_input, p_cache_write_5m, p_cache_write_1h,
            p_input_audio, p_cached_input_audio, p_output, p_reasoning, p_output_audio, p_latency_ms, p_time_to_first_token_ms,
            p_end_user, p_other_units, p_session_id, p_trace_id, p_operation_id, p_prompt_hash, p_prompt_fingerprint, p_tags,
            p_metadata, p_raw_usage) e
        ) e
        left join unnest(v_claimed) c (key) on c.key = e.id
        -- Named one by one, because they are found by the index then: a join would read every key there ever was.
        left join (select u.key, u.content_hash from private.usage_keys u where u.key = any (v_ids)) k on k.key = e.id;
      when sqlstate 'TT001' then
        v_fills := v_fills + 1;
        if v_fills > 5 then
          perform private.raise_error('unavailable', 'Prices are being changed. Try again shortly.');
        end if;
        perform private.fill_price_card_index(array_agg(c.price_book), array_agg(c.provider), array_agg(c.model),
          array_agg(coalesce(c.service_tier, '')), array_agg(coalesce(c.region, '')), array_agg(e.total_input), array_agg(e.at))
        from private.usage_events(v_classes, p_class, p_request_id, p_at, p_input, p_cached_input, p_cache_write_5m, p_cache_write_1h,
          p_input_audio, p_cached_input_audio, p_output, p_reasoning, p_output_audio, p_latency_ms, p_time_to_first_token_ms, p_end_user,
          p_other_units, p_session_id, p_trace_id, p_operation_id, p_prompt_hash, p_prompt_fingerprint, p_tags, p_metadata,
          p_raw_usage) e
        join unnest(v_classes) c on c.place = e.class
        where codes is null or codes[e.place] = 0;
    end;
  end loop;

  if v_cells > 0 then
    perform private.announce_usage(o.id)
    from (select distinct c.organization_id as id from unnest(v_classes) c where c.code = 0 order by 1) o;
  end if;
end
$$;
comment on function private.record_usage(
  text, bytea[], integer[], text[], text[], text[], text[], text[], text[], text[], boolean[], text[], text[], text[], text[], text[],
  boolean[], boolean[], integer[], text[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[],
  integer[], integer[], text[], jsonb[], text[], text[], text[], text[], text[], jsonb[], jsonb[], jsonb[]
) is
  'Stores submissions: p_key_hashes has one SHA-256 per submission; p_submission … p_is_partial describe the classes of the batch (submission: place of its key); p_class … p_raw_usage the events (class: place of their class; at: microseconds since 1970; tokens: inclusive totals; null array = nobody sent the field). Returns per submission ok, unauthenticated or forbidden with organization and key, and per event a code, or null when all were accepted: 0 accepted, 1 duplicate, 2 id_conflict, 3 timestamp_out_of_range, 4 no such team, 5 no such project, 9 key refused.';

grant execute on function private.record_usage(
  text, bytea[], integer[], text[], text[], text[], text[], text[], text[], text[], boolean[], text[], text[], text[], text[], text[],
  boolean[], boolean[], integer[], text[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[],
  integer[], integer[], text[], jsonb[], text[], text[], text[], text[], text[], jsonb[], jsonb[], jsonb[]
) to tokentra_door;
