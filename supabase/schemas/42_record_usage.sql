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
  content_hash bigint
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
  place bigint, class integer, class_code smallint, organization_id uuid, id uuid, content_hash bigint, request_id text, at timestamptz,
  input bigint, cached_input bigint, cache_write_5m bigint, cache_write_1h bigint, input_audio bigint, cached_input_audio bigint,
  output bigint, reasoning bigint, output_audio bigint, has_usage boolean, latency_ms integer, time_to_first_token_ms integer,
  end_user text, other_units jsonb, session_id text, trace_id text, operation_id text, prompt_hash text, prompt_fingerprint text,
  tags jsonb, metadata jsonb, raw_usage jsonb
)
language sql stable
begin atomic
  select e.place, e.class, c.code, c.organization_id, private.usage_key(c.organization_id, e.request_id),
    hash_record_extended(row(
      c.content_hash, e.at, e.input, e.cached_input, e.cache_write_5m, e.cache_write_1h, e.input_audio, e.cached_input_audio, e.output,
      e.reasoning, e.output_audio, e.latency_ms, e.time_to_first_token_ms, e.end_user, e.other_units, e.session_id, e.trace_id,
      e.operation_id, e.prompt_hash, e.prompt_fingerprint, e.tags, e.metadata, e.raw_usage
    ), 0),
    e.request_id, private.usage_instant(e.at),
    coalesce(e.input, 0), coalesce(e.cached_input, 0), coalesce(e.cache_write_5m, 0), coalesce(e.cache_write_1h, 0),
    coalesce(e.input_audio, 0), coalesce(e.cached_input_audio, 0), coalesce(e.output, 0), coalesce(e.reasoning, 0),
    coalesce(e.output_audio, 0),
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
  join unnest(p_classes) c on c.place = e.class;
end;
comment on function private.usage_events(
  private.usage_class[], integer[], text[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[], bigint[],
  integer[], integer[], text[], jsonb[], text[], text[], text[], text[], text[], jsonb[], jsonb[], jsonb[]
) is
  'Columns → rows: identity, what was sent (absent counts as 0, has_usage says whether any was sent), and the hash that tells a repetition from a conflict. Inlinable.';

create function private.require_price_card() returns text
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
language sql stable set search_path = '' as $$
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
        c.environment, c.team, c.project, c.normalizer, c.is_estimated, c.is_partial), 0)
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
$$;
comment on function private.resolve_usage_classes(
  uuid[], uuid[], uuid[], uuid[], text[], integer[], text[], text[], text[], text[], text[], text[], text[], boolean[], text[], text[],
  text[], text[], text[], boolean[], boolean[]
) is
  'Whose each class is and what its team and project are: named by id or slug, else the project''s team, else what the key is bound to. code 4 or 5: the organization has no such team or project; 9: the key opens nothing.';


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
language plpgsql security definer set search_path = '' set jit = off as $$
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
  v_is_claimed boolean := false;
  v_fills integer := 0;
  v_deltas private.usage_rollups[];
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

  loop
    begin
      with sent as materialized (
        select e.*
        from private.usage_events(v_classes, p_class, p_request_id, p_at, p_input, p_cached_input, p_cache_write_5m, p_cache_write_1h,
          p_input_audio, p_cached_input_audio, p_output, p_reasoning, p_output_audio, p_latency_ms, p_time_to_first_token_ms, p_end_user,
          p_other_units, p_session_id, p_trace_id, p_operation_id, p_prompt_hash, p_prompt_fingerprint, p_tags, p_metadata,
          p_raw_usage) e
        where codes is null or codes[e.place] = 0
      ),
      claimed as (
        -- A plain insert, because repetitions are rare and "on conflict" makes every row look at the index twice.
        insert into private.usage_keys (key, organization_id, "timestamp", content_hash)
        select s.id, s.organization_id, s.at, s.content_hash from sent s where not v_is_claimed order by s.id
      ),
      cards as materialized (
        select c.place, i.min_input_tokens, i.max_input_tokens, i.valid_from, i.valid_to, i.card_id
        from unnest(v_classes) c
        join private.price_card_index i on i.provider = c.provider and i.model = c.model
          and i.service_tier = coalesce(c.service_tier, '') and i.region = coalesce(c.region, '') and i.organization_id = c.price_book
      ),
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
            case when r.is_free then 0 else r.amount_other end as cost_other
          from (
            select s.place, s.class, s.at, s.end_user, l.*, k.card_id, c.status <> 'success' as is_error, b.unit as latency_unit,
              a.cost_input as amount_input, a.cost_cached_input as amount_cached_input, a.cost_cache_write as amount_cache_write,
              a.cost_output as amount_output, a.cost_other as amount_other,
              -- A hit in our own cache costs nothing, whatever the model.
              c.cache_hit is true or a.cost_status = 'unpriced' as is_free,
              case
                when k.place is null then private.require_price_card()
                when c.cache_hit then 'exact'
                when a.cost_status = 'unpriced' then 'unpriced'
                when c.is_partial or not l.is_consistent or not s.has_usage and c.status = 'success' then 'partial'
                when c.is_estimated and a.cost_status = 'exact' then 'estimated'
                else a.cost_status
              end as status_of_cost
            from sent s
            join unnest(v_classes) c on c.place = s.class
            cross join lateral private.split_leaves(s.input, s.cached_input, s.cache_write_5m, s.cache_write_1h, s.input_audio,
              s.cached_input_audio, s.output, s.reasoning, s.output_audio) l
            left join cards k on k.place = s.class and s.input >= k.min_input_tokens and s.input < k.max_input_tokens
              and s.at >= k.valid_from and s.at < k.valid_to
            left join private.price_cards p on p.id = k.card_id
            cross join lateral private.price_leaves(p, l.fresh_input_tokens, l.cached_input_tokens, l.cache_write_5m_tokens,
              l.cache_write_1h_tokens, l.input_audio_tokens, l.cached_input_audio_tokens, l.visible_output_tokens, l.reasoning_tokens,
              l.output_audio_tokens, s.other_units) a
            left join private.latency_buckets b on b.bucket = private.latency_bucket(s.latency_ms)
            offset 0
          ) r
          offset 0
        ) m
      ),
      stored as (
        insert into private.usage_records (
          organization_id, "timestamp", id, request_id, source, provider, model, endpoint, service_tier, region,
          fresh_input_tokens, cached_input_tokens, cache_write_5m_tokens, cache_write_1h_tokens, input_audio_tokens,
          cached_input_audio_tokens, visible_output_tokens, reasoning_tokens, output_audio_tokens, other_units,
          status, error_code, latency_ms, time_to_first_token_ms, cache_hit, api_key_id, team_id, project_id, feature, end_user,
          environment, session_id, trace_id, operation_id, tags, metadata, prompt_hash, prompt_fingerprint, raw_usage, normalizer,
          is_estimated, is_partial, price_card_id, cost_status, cost, cost_input, cost_cached_input, cost_cache_write, cost_output,
          cost_other
        )
        select c.organization_id, s.at, s.id, s.request_id, p_source, c.provider, c.model, c.endpoint, c.service_tier, c.region,
          p.fresh_input_tokens, p.cached_input_tokens, p.cache_write_5m_tokens, p.cache_write_1h_tokens, p.input_audio_tokens,
          p.cached_input_audio_tokens, p.visible_output_tokens, p.reasoning_tokens, p.output_audio_tokens, s.other_units,
          c.status, c.error_code, s.latency_ms, s.time_to_first_token_ms, c.cache_hit, c.api_key_id, c.team_id, c.project_id, c.feature,
          s.end_user, c.environment, s.session_id, s.trace_id, s.operation_id, s.tags, s.metadata, s.prompt_hash, s.prompt_fingerprint,
          s.raw_usage, c.normalizer, c.is_estimated, c.is_partial or not p.is_consistent, p.card_id, p.status_of_cost, p.cost,
          p.cost_input, p.cost_cached_input, p.cost_cache_write, p.cost_output, p.cost_other
        from sent s
        join priced p on p.place = s.place
        join unnest(v_classes) c on c.place = s.class
      ),
      cells as (
        select p.class, date_bin(c.bucket, p.at, '2000-01-01 00:00+00') as bucket,
          count(*) as requests,
          count(*) filter (where p.is_error) as errors,
          sum(p.fresh_input_tokens)::bigint as fresh_input_tokens,
          sum(p.cached_input_tokens)::bigint as cached_input_tokens,
          sum(p.cache_write_5m_tokens)::bigint as cache_write_5m_tokens,
          sum(p.cache_write_1h_tokens)::bigint as cache_write_1h_tokens,
          sum(p.input_audio_tokens)::bigint as input_audio_tokens,
          sum(p.cached_input_audio_tokens)::bigint as cached_input_audio_tokens,
          sum(p.visible_output_tokens)::bigint as visible_output_tokens,
          sum(p.reasoning_tokens)::bigint as reasoning_tokens,
          sum(p.output_audio_tokens)::bigint as output_audio_tokens,
          sum(p.cost_input) as cost_input,
          sum(p.cost_cached_input) as cost_cached_input,
          sum(p.cost_cache_write) as cost_cache_write,
          sum(p.cost_output) as cost_output,
          sum(p.cost_other) as cost_other,
          count(*) filter (where p.status_of_cost = 'provider_reported') as provider_reported_requests,
          count(*) filter (where p.status_of_cost = 'estimated') as estimated_requests,
          count(*) filter (where p.status_of_cost = 'partial') as partial_requests,
          count(*) filter (where p.status_of_cost = 'unpriced') as unpriced_requests,
          count(*) filter (where p.status_of_cost = 'disputed') as disputed_requests,
          coalesce(sum(p.latency_unit), 0) as latency
        from priced p
        join unnest(v_classes) c on c.place = p.class
        group by p.class, date_bin(c.bucket, p.at, '2000-01-01 00:00+00')
      ),
      deltas as (
        select v.rollup, c.organization_id, x.bucket, v.key, v.provider,
          sum(x.requests)::bigint, sum(x.errors)::bigint,
          sum(x.fresh_input_tokens)::bigint, sum(x.cached_input_tokens)::bigint, sum(x.cache_write_5m_tokens)::bigint,
          sum(x.cache_write_1h_tokens)::bigint, sum(x.input_audio_tokens)::bigint, sum(x.cached_input_audio_tokens)::bigint,
          sum(x.visible_output_tokens)::bigint, sum(x.reasoning_tokens)::bigint, sum(x.output_audio_tokens)::bigint,
          sum(x.cost_input), sum(x.cost_cached_input), sum(x.cost_cache_write), sum(x.cost_output), sum(x.cost_other),
          sum(x.provider_reported_requests)::bigint, sum(x.estimated_requests)::bigint, sum(x.partial_requests)::bigint,
          sum(x.unpriced_requests)::bigint, sum(x.disputed_requests)::bigint, sum(x.latency)
        from cells x
        join unnest(v_classes) c on c.place = x.class
        cross join lateral (values
          ('total', '', ''), ('model', c.model, c.provider), ('team', coalesce(c.team_id::text, ''), ''),
          ('project', coalesce(c.project_id::text, ''), ''), ('feature', coalesce(c.feature, ''), ''),
          ('api_key', c.api_key_id::text, ''), ('environment', coalesce(c.environment, ''), '')
        ) v (rollup, key, provider)
        group by v.rollup, c.organization_id, x.bucket, v.key, v.provider
        union all
        select v.rollup, c.organization_id, v.bucket, v.key, '',
          count(*), count(*) filter (where p.is_error),
          sum(p.fresh_input_tokens)::bigint, sum(p.cached_input_tokens)::bigint, sum(p.cache_write_5m_tokens)::bigint,
          sum(p.cache_write_1h_tokens)::bigint, sum(p.input_audio_tokens)::bigint, sum(p.cached_input_audio_tokens)::bigint,
          sum(p.visible_output_tokens)::bigint, sum(p.reasoning_tokens)::bigint, sum(p.output_audio_tokens)::bigint,
          sum(p.cost_input), sum(p.cost_cached_input), sum(p.cost_cache_write), sum(p.cost_output), sum(p.cost_other),
          count(*) filter (where p.status_of_cost = 'provider_reported'), count(*) filter (where p.status_of_cost = 'estimated'),
          count(*) filter (where p.status_of_cost = 'partial'), count(*) filter (where p.status_of_cost = 'unpriced'),
          count(*) filter (where p.status_of_cost = 'disputed'), coalesce(sum(p.latency_unit), 0)
        from priced p
        join unnest(v_classes) c on c.place = p.class
        cross join lateral (values
          ('minute', date_bin('1 minute', p.at, '2000-01-01 00:00+00'), ''),
          ('end_user', date_trunc('day', p.at, c.time_zone), coalesce(p.end_user, ''))
        ) v (rollup, bucket, key)
        group by v.rollup, c.organization_id, v.bucket, v.key
      )
      select array_agg(row(d.*)::private.usage_rollups) into v_deltas from deltas d;
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
        select coalesce(array_agg(c.key), '{}') into v_claimed from claimed c;
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
        left join private.usage_keys k on k.key = e.id;
      when sqlstate 'TT001' then
        v_fills := v_fills + 1;
        if v_fills > 5 then
          perform private.raise_error('unavailable', 'Prices are being changed. Try again shortly.');
        end if;
        perform private.fill_price_card_index(array_agg(c.price_book), array_agg(c.provider), array_agg(c.model),
          array_agg(coalesce(c.service_tier, '')), array_agg(coalesce(c.region, '')), array_agg(coalesce(e.input, 0)),
          array_agg(private.usage_instant(e.at)))
        from unnest(p_class, p_at, p_input) with ordinality e (class, at, input, place)
        join unnest(v_classes) c on c.place = e.class
        where codes is null or codes[e.place] = 0;
    end;
  end loop;

  if v_deltas is not null then
    perform private.add_to_rollups(v_deltas);
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
