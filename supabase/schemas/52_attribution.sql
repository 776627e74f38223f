-- Attribution rules at work: on what arrives, as a preview on history, and applied to history with every total preserved.

create function private.attribute_usage_classes(
  inout p_classes private.usage_class[], inout p_class integer[], p_end_user text[], p_tags jsonb[]
)
language plpgsql stable set search_path = '' set plan_cache_mode = force_generic_plan as $$
#variable_conflict use_column
begin
  with events as materialized (
    select e.place, e.class, r.rule_id, r.team_id, r.project_id
    from unnest(p_class, p_end_user, p_tags) with ordinality e (class, end_user, tags, place)
    join unnest(p_classes) c on c.place = e.class
    left join lateral (
      select r.id as rule_id, coalesce(r.team_id, p.team_id) as team_id, r.project_id
      from public.attribution_rules r
      left join public.projects p on p.organization_id = r.organization_id and p.id = r.project_id
      where r.organization_id = c.organization_id and r.is_enabled and c.team_id is null and c.project_id is null
        and private.attribution_matches(r.conditions, c.api_key_id, c.provider, c.model, c.feature, c.environment, e.end_user, e.tags)
      order by r.position, r.id
      limit 1
    ) r on true
  ),
  -- Events of one class may meet different rules, by end user and tags: each pair of class and rule is a class of its own.
  made as materialized (
    select d.class, d.rule_id, d.team_id, d.project_id,
      (cardinality(p_classes) + row_number() over (order by d.class, d.rule_id))::integer as place
    from (select distinct e.class, e.rule_id, e.team_id, e.project_id from events e where e.rule_id is not null) d
  )
  select p_classes || coalesce((
      select array_agg(row(m.place, c.code, c.organization_id, c.api_key_id, c.price_book, c.bucket, c.time_zone, m.team_id, m.project_id,
        c.provider, c.model, c.endpoint, c.service_tier, c.region, c.status, c.error_code, c.cache_hit, c.feature, c.environment,
        c.normalizer, c.is_estimated, c.is_partial, c.content_hash, m.rule_id)::private.usage_class)
      from made m join unnest(p_classes) c on c.place = m.class
    ), '{}'),
    (select array_agg(coalesce(m.place, e.class) order by e.place)
      from events e left join made m on m.class = e.class and m.rule_id = e.rule_id)
  into p_classes, p_class;
end
$$;
comment on function private.attribute_usage_classes(private.usage_class[], integer[], text[], jsonb[]) is
  'Gives the events of a batch that have neither team nor project those of the first rule they meet. What was sent stays what it was: the content hash does not change.';

create function private.unattributed_usage(p_organization_id uuid, p_from timestamptz, p_to timestamptz) returns setof private.usage_records
language sql stable
begin atomic
  select r.* from private.usage_records r
  where r.organization_id = p_organization_id and r."timestamp" >= p_from and r."timestamp" < p_to
    and r.team_id is null and r.project_id is null;
end;
comment on function private.unattributed_usage(uuid, timestamptz, timestamptz) is 'Records that nobody and no rule has named a team or a project for.';

create function private.preview_attribution(p_organization_id uuid, p_from timestamptz, p_to timestamptz, p_conditions jsonb)
returns table (
  rule_id uuid, name text, is_draft boolean, requests bigint, cost text, cost_now_unattributed text, requests_now_unattributed bigint
)
language plpgsql stable security definer set search_path = '' set jit = off as $$
#variable_conflict use_column
begin
  perform private.require_permission(p_organization_id, 'teams.write');
  perform private.require_permission(p_organization_id, 'usage.read');
  if p_conditions is not null and not private.is_attribution_conditions(p_conditions) then
    perform private.raise_error('invalid', 'conditions must name at least one of api_key, provider, model, feature, environment, end_user, tags.', 'p_conditions');
  end if;
  return query
  with rules as materialized (
    select r.id, r.name, r.conditions, r.position, false as is_draft
    from public.attribution_rules r where r.organization_id = p_organization_id and r.is_enabled
    union all
    select null, null, p_conditions, 2147483647, true where p_conditions is not null
  ),
  -- Usage is grouped by what conditions can see before rules are tried: a month has far fewer such groups than records.
  seen as materialized (
    select u.api_key_id, u.provider, u.model, u.feature, u.environment,
      case when exists (select from rules r where r.conditions ? 'end_user') then u.end_user end as end_user,
      case when exists (select from rules r where r.conditions ? 'tags') then u.tags end as tags,
      count(*) as requests, coalesce(sum(u.cost), 0) as cost
    from private.unattributed_usage(p_organization_id, p_from, p_to) u
    group by 1, 2, 3, 4, 5, 6, 7
  ),
  met as (
    select m.id, m.is_draft, s.requests, s.cost
    from seen s
    left join lateral (
      select r.id, r.is_draft from rules r
      where private.attribution_matches(r.conditions, s.api_key_id, s.provider, s.model, s.feature, s.environment, s.end_user, s.tags)
      order by r.position, r.id
      limit 1
    ) m on true
  )
  select r.id, r.name, r.is_draft, coalesce(sum(m.requests), 0)::bigint, trim_scale(coalesce(sum(m.cost), 0))::text,
    trim_scale((select coalesce(sum(s.cost), 0) from seen s))::text, (select coalesce(sum(s.requests), 0) from seen s)::bigint
  from rules r
  left join met m on m.id is not distinct from r.id and m.is_draft = r.is_draft
  group by r.id, r.name, r.is_draft, r.position
  order by r.position, r.id;
end
$$;
comment on function private.preview_attribution(uuid, timestamptz, timestamptz, jsonb) is 'Body of public.preview_attribution.';

create function public.preview_attribution(p_organization_id uuid, p_from timestamptz, p_to timestamptz, p_conditions jsonb default null)
returns table (
  rule_id uuid, name text, is_draft boolean, requests bigint, cost text, cost_now_unattributed text, requests_now_unattributed bigint
)
language sql stable security invoker set search_path = '' as $$
  select p.* from private.preview_attribution(p_organization_id, p_from, p_to, p_conditions) p
$$;
comment on function public.preview_attribution(uuid, timestamptz, timestamptz, jsonb) is
  'What would rules attribute of the usage in [p_from, p_to) that is nobody''s? One row per enabled rule in their order, each with what falls to it and not to one before; last, with is_draft, conditions that are not saved yet.';

create function private.apply_attribution(
  p_organization_id uuid, p_from timestamptz, p_to timestamptz, p_after timestamptz, p_after_id uuid, p_limit integer,
  out moved bigint, out moved_cost text, out last_timestamp timestamptz, out last_id uuid
)
language plpgsql volatile security definer set search_path = '' set jit = off as $$
declare
  v_deltas private.usage_rollups[];
  v_moved_cost numeric;
begin
  perform private.require_permission(p_organization_id, 'teams.write');
  perform private.hold_usage(p_organization_id);
  with page as materialized (
    select u.* from private.unattributed_usage(p_organization_id, p_from, p_to) u
    where p_after is null or (u."timestamp", u.id) > (p_after, p_after_id)
    order by u."timestamp", u.id
    limit least(greatest(p_limit, 1), 20000)
  ),
  met as (
    select p."timestamp", p.id, r.id as rule_id, r.team_id, r.project_id
    from page p
    cross join lateral (
      select r.id, coalesce(r.team_id, j.team_id) as team_id, r.project_id
      from public.attribution_rules r
      left join public.projects j on j.organization_id = r.organization_id and j.id = r.project_id
      where r.organization_id = p_organization_id and r.is_enabled
        and private.attribution_matches(r.conditions, p.api_key_id, p.provider, p.model, p.feature, p.environment, p.end_user, p.tags)
      order by r.position, r.id
      limit 1
    ) r
  ),
  -- Whoever was faster has named them: a record moves once.
  changed as (
    update private.usage_records r
    set team_id = m.team_id, project_id = m.project_id, attribution_rule_id = m.rule_id
    from met m
    where r.organization_id = p_organization_id and r."timestamp" = m."timestamp" and r.id = m.id and r.team_id is null and r.project_id is null
    returning r.*
  ),
  deltas as (
    select v.rollup, c.organization_id, v.bucket, v.key, '' as provider, sum(v.sign)::bigint as requests,
      coalesce(sum(v.sign) filter (where c.status <> 'success'), 0)::bigint as errors,
      sum(v.sign * c.fresh_input_tokens)::bigint as fresh, sum(v.sign * c.cached_input_tokens)::bigint as cached,
      sum(v.sign * c.cache_write_5m_tokens)::bigint as written_5m, sum(v.sign * c.cache_write_1h_tokens)::bigint as written_1h,
      sum(v.sign * c.input_audio_tokens)::bigint as audio, sum(v.sign * c.cached_input_audio_tokens)::bigint as cached_audio,
      sum(v.sign * c.visible_output_tokens)::bigint as visible, sum(v.sign * c.reasoning_tokens)::bigint as reasoning,
      sum(v.sign * c.output_audio_tokens)::bigint as output_audio, sum(v.sign * c.cost_input) as cost_input,
      sum(v.sign * c.cost_cached_input) as cost_cached_input, sum(v.sign * c.cost_cache_write) as cost_cache_write,
      sum(v.sign * c.cost_output) as cost_output, sum(v.sign * c.cost_other) as cost_other,
      coalesce(sum(v.sign) filter (where c.cost_status = 'provider_reported'), 0)::bigint as reported,
      coalesce(sum(v.sign) filter (where c.cost_status = 'estimated'), 0)::bigint as estimated,
      coalesce(sum(v.sign) filter (where c.cost_status = 'partial'), 0)::bigint as partial,
      coalesce(sum(v.sign) filter (where c.cost_status = 'unpriced'), 0)::bigint as unpriced,
      coalesce(sum(v.sign) filter (where c.cost_status = 'disputed'), 0)::bigint as disputed,
      sum(v.sign * coalesce(b.unit, 0)) as latency
    from changed c
    join private.usage_settings s on s.organization_id = c.organization_id
    left join private.latency_buckets b on b.bucket = private.latency_bucket(c.latency_ms)
    cross join lateral (
      select date_bin(s.bucket, c."timestamp", '2000-01-01 00:00+00') as bucket, date_trunc('day', c."timestamp", s.time_zone) as day
    ) t
    cross join lateral (values
      ('team', t.bucket, '', -1), ('team', t.bucket, c.team_id::text, 1), ('team_day', t.day, '', -1), ('team_day', t.day, c.team_id::text, 1),
      ('project', t.bucket, '', -1), ('project', t.bucket, c.project_id::text, 1),
      ('project_day', t.day, '', -1), ('project_day', t.day, c.project_id::text, 1)
    ) v (rollup, bucket, key, sign)
    -- A rule that names no team (or no project) moves nothing there.
    where case when v.rollup like 'team%' then c.team_id else c.project_id end is not null
    group by v.rollup, c.organization_id, v.bucket, v.key
  )
  select (select array_agg(row(d.*)::private.usage_rollups) from deltas d),
    (select count(*) from changed), (select coalesce(sum(c.cost), 0) from changed c),
    (select p."timestamp" from page p order by p."timestamp" desc, p.id desc limit 1),
    (select p.id from page p order by p."timestamp" desc, p.id desc limit 1)
  into v_deltas, moved, v_moved_cost, last_timestamp, last_id;
  if moved > 0 then
    perform private.add_to_rollups(v_deltas);
    -- A cell that holds nothing any more is no cell: what a rebuild would not make must not stay.
    delete from private.usage_rollups t
    using unnest(v_deltas) d
    where t.rollup = d.rollup and t.organization_id = d.organization_id and t.bucket = d.bucket and t.key = '' and d.key = ''
      and t.provider = '' and t.requests = 0;
    insert into private.cost_journal (organization_id, reason, first_timestamp, last_timestamp, records, cost_before, cost_after)
    values (p_organization_id, 'attributed', coalesce(p_after, p_from), last_timestamp, moved, v_moved_cost, v_moved_cost);
    perform private.announce_usage(p_organization_id);
  end if;
  moved_cost := trim_scale(v_moved_cost)::text;
end
$$;
comment on function private.apply_attribution(uuid, timestamptz, timestamptz, timestamptz, uuid, integer) is 'Body of public.apply_attribution.';

create function public.apply_attribution(
  p_organization_id uuid, p_from timestamptz, p_to timestamptz, p_after timestamptz default null, p_after_id uuid default null,
  p_limit integer default 5000
) returns table (moved bigint, moved_cost text, last_timestamp timestamptz, last_id uuid)
language plpgsql volatile security invoker set search_path = '' as $$
begin
  return query select a.* from private.apply_attribution(p_organization_id, p_from, p_to, p_after, p_after_id, p_limit) a;
end
$$;
comment on function public.apply_attribution(uuid, timestamptz, timestamptz, timestamptz, uuid, integer) is
  'Applies the enabled rules to a page of the usage in [p_from, p_to) that is nobody''s, oldest first, and says where it ended: ask again after last_timestamp and last_id until they are null. Each page is one transaction that moves records and rollups together and is journaled; totals of the organization never change, and a page may be repeated.';

grant execute on function private.preview_attribution(uuid, timestamptz, timestamptz, jsonb) to authenticated;
grant execute on function public.preview_attribution(uuid, timestamptz, timestamptz, jsonb) to authenticated;
grant execute on function private.apply_attribution(uuid, timestamptz, timestamptz, timestamptz, uuid, integer) to authenticated;
grant execute on function public.apply_attribution(uuid, timestamptz, timestamptz, timestamptz, uuid, integer) to authenticated;
