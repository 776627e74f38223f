create function private.span_states(p_organizations uuid[], p_submission integer[], p_trace uuid[], p_span bigint[]) returns table (
  place integer, family text, state smallint
)
-- By index, one span after the other, however many are noted and whatever the planner knew when the session planned this.
language plpgsql stable rows 10
set search_path = '' set enable_seqscan = off set enable_bitmapscan = off set enable_hashjoin = off set enable_mergejoin = off
set enable_nestloop = on set plan_cache_mode = force_generic_plan as $$
begin
  return query
  select n.place::integer, s.family, s.state
  from unnest(p_submission, p_trace, p_span) with ordinality n (submission, trace_id, span_id, place)
  join private.span_nests s on s.organization_id = p_organizations[n.submission] and s.trace_id = n.trace_id and s.span_id = n.span_id;
end
$$;
comment on function private.span_states(uuid[], integer[], uuid[], bigint[]) is
  'What is noted of the spans of a batch: their place in it, the family, and the state. Organizations by submission.';

create or replace function private.record_spans(
  p_key_hashes bytea[],
  p_submission integer[], p_provider text[], p_model text[], p_endpoint text[], p_service_tier text[], p_region text[], p_status text[],
  p_error_code text[], p_cache_hit boolean[], p_feature text[], p_environment text[], p_team text[], p_project text[],
  p_normalizer text[], p_is_estimated boolean[], p_is_partial boolean[],
  p_class integer[], p_request_id text[], p_at bigint[],
  p_input bigint[], p_cached_input bigint[], p_cache_write_5m bigint[], p_cache_write_1h bigint[],
  p_input_audio bigint[], p_cached_input_audio bigint[], p_output bigint[], p_reasoning bigint[], p_output_audio bigint[],
  p_latency_ms integer[], p_time_to_first_token_ms integer[], p_end_user text[],
  p_other_units jsonb[], p_session_id text[], p_trace_id text[], p_operation_id text[], p_prompt_hash text[],
  p_prompt_fingerprint text[], p_tags jsonb[], p_metadata jsonb[], p_raw_usage jsonb[],
  p_event_node integer[], p_node_submission integer[], p_node_trace uuid[], p_node_span bigint[], p_node_parent integer[],
  p_node_family text[], p_node_has_usage boolean[],
  out outcomes text[], out organization_ids uuid[], out api_key_ids uuid[], out codes smallint[]
)
language plpgsql security definer set search_path = '' set jit = off as $$
declare
  v_organizations uuid[];
  v_nodes integer := coalesce(cardinality(p_node_span), 0);
  v_events integer := coalesce(cardinality(p_class), 0);
  v_family text;
  v_noted_places integer[];
  v_noted_families text[];
  v_noted_states smallint[];
  v_before integer[];
  v_state integer[];
  v_is_charged boolean[] := array_fill(false, array[greatest(v_nodes, 1)]);
  v_parent integer;
  v_spans integer[] := '{}';
  v_families text[] := '{}';
  v_states smallint[] := '{}';
  v_kept integer;
begin
  select array_agg(k.organization_id order by h.place) into v_organizations
  from unnest(p_key_hashes) with ordinality h (sent_hash, place)
  left join private.usable_api_keys k on k.key_hash = h.sent_hash and 'ingest' = any (k.scopes);

  -- One request of an organization at a time from here on: two halves of a nest that arrive at once must see each other.
  perform pg_advisory_xact_lock(hashtextextended('private.span_nests ' || o.id, 0))
  from (select distinct id from unnest(v_organizations) id where id is not null order by id) o;

  select array_agg(s.place), array_agg(s.family), array_agg(s.state) into v_noted_places, v_noted_families, v_noted_states
  from private.span_states(v_organizations, p_node_submission, p_node_trace, p_node_span) s;

  for v_family in
    select n.family from unnest(p_node_family) n (family) where n.family is not null
    union
    select n.family from unnest(v_noted_families) n (family)
    order by 1
  loop
    v_before := array_fill(0, array[v_nodes]);
    for v_noted in 1..coalesce(cardinality(v_noted_places), 0) loop
      if v_noted_families[v_noted] = v_family then
        v_before[v_noted_places[v_noted]] := v_noted_states[v_noted];
      end if;
    end loop;
    v_state := v_before;

    -- Outwards, children before parents: what lies inside each span, whether recorded before or about to be.
    for v_node in reverse v_nodes..1 loop
      v_parent := p_node_parent[v_node];
      if v_parent > 0 then
        v_state[v_parent] := v_state[v_parent] | (v_state[v_node] & 12) | ((v_state[v_node] & 3) << 2)
          | case when p_node_family[v_node] is distinct from v_family then 0 when p_node_has_usage[v_node] then 4 else 8 end;
      end if;
    end loop;

    -- Inwards, parents before children: a call counts unless one inside it does, or one around it already did. A call with usage gives
    -- way only to calls with usage. What was recorded before stays: the record's own key tells that it is a repetition.
    for v_node in 1..v_nodes loop
      v_parent := p_node_parent[v_node];
      if v_parent > 0 then
        v_state[v_node] := v_state[v_node] | (v_state[v_parent] & 48) | ((v_state[v_parent] & 3) << 4);
      end if;
      if p_node_family[v_node] = v_family then
        if v_state[v_node] & 3 <> 0 or v_state[v_node] & (case when p_node_has_usage[v_node] then 20 else 60 end) = 0 then
          v_is_charged[v_node] := true;
          v_state[v_node] := v_state[v_node] | case when p_node_has_usage[v_node] then 1 else 2 end;
        end if;
      end if;
      if v_state[v_node] <> v_before[v_node] then
        v_spans := v_spans || v_node;
        v_families := v_families || v_family;
        v_states := v_states || v_state[v_node]::smallint;
      end if;
    end loop;
  end loop;

  select count(*) into v_kept from unnest(p_event_node) e (node) where e.node = 0 or v_is_charged[e.node];
  if v_kept < v_events then
    select array_agg(e.class order by e.place), array_agg(e.request_id order by e.place), array_agg(e.at order by e.place),
      array_agg(e.input order by e.place), array_agg(e.cached_input order by e.place), array_agg(e.cache_write_5m order by e.place),
      array_agg(e.cache_write_1h order by e.place), array_agg(e.input_audio order by e.place),
      array_agg(e.cached_input_audio order by e.place), array_agg(e.output order by e.place), array_agg(e.reasoning order by e.place),
      array_agg(e.output_audio order by e.place), array_agg(e.latency_ms order by e.place),
      array_agg(e.time_to_first_token_ms order by e.place), array_agg(e.end_user order by e.place),
      array_agg(e.other_units order by e.place), array_agg(e.session_id order by e.place), array_agg(e.trace_id order by e.place),
      array_agg(e.operation_id order by e.place), array_agg(e.prompt_hash order by e.place),
      array_agg(e.prompt_fingerprint order by e.place), array_agg(e.tags order by e.place), array_agg(e.metadata order by e.place),
      array_agg(e.raw_usage order by e.place)
    into p_class, p_request_id, p_at, p_input, p_cached_input, p_cache_write_5m, p_cache_write_1h, p_input_audio, p_cached_input_audio,
      p_output, p_reasoning, p_output_audio, p_latency_ms, p_time_to_first_token_ms, p_end_user, p_other_units, p_session_id, p_trace_id,
      p_operation_id, p_prompt_hash, p_prompt_fingerprint, p_tags, p_metadata, p_raw_usage
    from unnest(
      p_class, p_request_id, p_at, p_input, p_cached_input, p_cache_write_5m, p_cache_write_1h, p_input_audio, p_cached_input_audio,
      p_output, p_reasoning, p_output_audio, p_latency_ms, p_time_to_first_token_ms, p_end_user, p_other_units, p_session_id, p_trace_id,
      p_operation_id, p_prompt_hash, p_prompt_fingerprint, p_tags, p_metadata, p_raw_usage, p_event_node
    ) with ordinality e (
      class, request_id, at, input, cached_input, cache_write_5m, cache_write_1h, input_audio, cached_input_audio,
      output, reasoning, output_audio, latency_ms, time_to_first_token_ms, end_user, other_units, session_id, trace_id,
      operation_id, prompt_hash, prompt_fingerprint, tags, metadata, raw_usage, node, place
    )
    where e.node = 0 or v_is_charged[e.node];
  end if;

  select r.outcomes, r.organization_ids, r.api_key_ids, r.codes into outcomes, organization_ids, api_key_ids, codes
  from private.record_usage('otlp', p_key_hashes, p_submission, p_provider, p_model, p_endpoint, p_service_tier, p_region, p_status,
    p_error_code, p_cache_hit, p_feature, p_environment, p_team, p_project, p_normalizer, p_is_estimated, p_is_partial, p_class,
    p_request_id, p_at, p_input, p_cached_input, p_cache_write_5m, p_cache_write_1h, p_input_audio, p_cached_input_audio, p_output,
    p_reasoning, p_output_audio, p_latency_ms, p_time_to_first_token_ms, p_end_user, p_other_units, p_session_id, p_trace_id,
    p_operation_id, p_prompt_hash, p_prompt_fingerprint, p_tags, p_metadata, p_raw_usage) r;

  if v_kept < v_events then
    select array_agg(case when e.is_kept then coalesce(codes[e.turn], 0) else 6 end::smallint order by e.place) into codes
    from (
      select k.place, k.is_kept, (count(*) filter (where k.is_kept) over (order by k.place))::integer as turn
      from (
        select e.place, e.node = 0 or v_is_charged[e.node] as is_kept from unnest(p_event_node) with ordinality e (node, place)
      ) k
    ) e;
  end if;

  insert into private.span_nests (organization_id, trace_id, span_id, family, state)
  select v_organizations[p_node_submission[n.node]], p_node_trace[n.node], p_node_span[n.node], n.family, bit_or(n.state)
  from unnest(v_spans, v_families, v_states) n (node, family, state)
  where v_organizations[p_node_submission[n.node]] is not null
  group by 1, 2, 3, 4
  on conflict (organization_id, trace_id, span_id, family) do update set state = excluded.state | span_nests.state;
end
$$;
