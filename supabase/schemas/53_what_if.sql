-- Pricing a slice of history once more: under the prices of today's book (what a re-rating would change), under an agreement that is
-- not made yet, or as another model, tier or cache would have had it. Each record's leaves go through price_leaves() again, so that
-- what-if and bill are the same arithmetic.

create function private.slice_usage(p_organization_id uuid, p_from timestamptz, p_to timestamptz, p_filters jsonb)
returns table (
  "timestamp" timestamptz, provider text, model text, service_tier text,
  region text, fresh_input_tokens bigint, cached_input_tokens bigint, cache_write_5m_tokens bigint,
  cache_write_1h_tokens bigint, input_audio_tokens bigint, cached_input_audio_tokens bigint, visible_output_tokens bigint,
  reasoning_tokens bigint, output_audio_tokens bigint, other_units jsonb, cache_hit boolean,
  team_id uuid, feature text, price_card_id bigint, cost_status text,
  cost numeric
)
language sql stable
begin atomic
  select r."timestamp", r.provider, r.model, r.service_tier, r.region,
    r.fresh_input_tokens, r.cached_input_tokens, r.cache_write_5m_tokens, r.cache_write_1h_tokens, r.input_audio_tokens,
    r.cached_input_audio_tokens, r.visible_output_tokens, r.reasoning_tokens, r.output_audio_tokens, r.other_units,
    r.cache_hit, r.team_id, r.feature, r.price_card_id, r.cost_status,
    r.cost
  from private.usage_records r
  where r.organization_id = p_organization_id and r."timestamp" >= p_from and r."timestamp" < p_to
    and (not p_filters ? 'provider' or r.provider = any ((select private.usage_filter(p_filters, 'provider'))::text[]))
    and (not p_filters ? 'model' or r.model = any ((select private.usage_filter(p_filters, 'model'))::text[]))
    and (not p_filters ? 'team' or coalesce(r.team_id::text, '') = any ((select private.usage_filter(p_filters, 'team'))::text[]))
    and (not p_filters ? 'project' or coalesce(r.project_id::text, '') = any ((select private.usage_filter(p_filters, 'project'))::text[]))
    and (not p_filters ? 'feature' or coalesce(r.feature, '') = any ((select private.usage_filter(p_filters, 'feature'))::text[]))
    and (not p_filters ? 'api_key' or coalesce(r.api_key_id::text, '') = any ((select private.usage_filter(p_filters, 'api_key'))::text[]))
    and (not p_filters ? 'end_user' or coalesce(r.end_user, '') = any ((select private.usage_filter(p_filters, 'end_user'))::text[]))
    and (not p_filters ? 'environment' or coalesce(r.environment, '') = any ((select private.usage_filter(p_filters, 'environment'))::text[]))
    and (not p_filters ? 'service_tier' or coalesce(r.service_tier, '') = any ((select private.usage_filter(p_filters, 'service_tier'))::text[]))
    and (not p_filters ? 'endpoint' or coalesce(r.endpoint, '') = any ((select private.usage_filter(p_filters, 'endpoint'))::text[]))
    and (not p_filters ? 'status' or r.status = any ((select private.usage_filter(p_filters, 'status'))::text[]))
    and (not p_filters ? 'cost_status' or r.cost_status = any ((select private.usage_filter(p_filters, 'cost_status'))::text[]));
end;
comment on function private.slice_usage(uuid, timestamptz, timestamptz, jsonb) is
  'What pricing needs of the records of an organization in [p_from, p_to) that fit the filters of usage_totals(). Checks no permission: for bodies that have.';

create type private.repricing as (
  provider text, model text, service_tier text, tier_share numeric, cache_hit_rate numeric, priced_at timestamptz
);
comment on type private.repricing is
  'How records would have been priced instead; null = as they were. tier_share: the part of each record''s cost that would have gone through service_tier (1 = all). cache_hit_rate: cached part of text input, 0 to 1. priced_at: the prices of one moment instead of each record''s own.';

create function private.reprice_slice(p_organization_id uuid, p_from timestamptz, p_to timestamptz, p_filters jsonb, p_how private.repricing)
returns table (
  dimension text, key text, requests bigint, compared_requests bigint, changed_requests bigint, estimated_requests bigint,
  unpriced_requests bigint, cost numeric, cost_then numeric
)
language plpgsql volatile set search_path = '' set jit = off set work_mem = '64MB' set enable_mergejoin = off set enable_sort = off as $$
#variable_conflict use_column
declare
  v_book uuid := private.price_book_of(p_organization_id);
  v_share numeric := case when (p_how).service_tier is null then 1 else coalesce((p_how).tier_share, 1) end;
  v_missing record;
begin
  -- The cards that will be needed: whole index entries are filled, so few rounds find nothing missing.
  for v_round in 1 .. 200 loop
    select array_agg(m.provider) as providers, array_agg(m.model) as models, array_agg(m.tier) as tiers, array_agg(m.region) as regions,
      array_agg(m.total_input) as inputs, array_agg(m.at) as moments, count(*)::integer as classes
    into v_missing
    from (
      select distinct on (c.provider, c.model, c.tier, c.region, date_bin('30 minutes', c.at, '2000-01-01 00:00+00'), c.total_input / 32000) c.*
      from (
        select coalesce((p_how).provider, r.provider) as provider, coalesce((p_how).model, r.model) as model, coalesce(v.tier, r.service_tier, '') as tier,
          case when (p_how).provider is distinct from r.provider and (p_how).provider is not null then '' else coalesce(r.region, '') end as region,
          r.fresh_input_tokens + r.cached_input_tokens + r.cache_write_5m_tokens + r.cache_write_1h_tokens + r.input_audio_tokens
            + r.cached_input_audio_tokens as total_input,
          coalesce((p_how).priced_at, r."timestamp") as at
        from private.slice_usage(p_organization_id, p_from, p_to, p_filters) r
        cross join (values ((p_how).service_tier, v_share), (null, 1 - v_share)) v (tier, weight)
        where v.weight > 0
      ) c
      where not exists (
        select from private.price_card_index i
        where i.organization_id = v_book and i.provider = c.provider and i.model = c.model and i.service_tier = c.tier and i.region = c.region
          and c.total_input >= i.min_input_tokens and c.total_input < i.max_input_tokens and c.at >= i.valid_from and c.at < i.valid_to
      )
      limit 2000
    ) m;
    exit when v_missing.classes = 0;
    perform private.fill_price_card_index(array_fill(v_book, array[v_missing.classes]), v_missing.providers, v_missing.models, v_missing.tiers,
      v_missing.regions, v_missing.inputs, v_missing.moments);
  end loop;

  -- Records that share cards, kinds of leaves and other units are added up before they are priced: rates are per token, so the amount
  -- of the sum is the sum of the amounts.
  return query
  with grouped as materialized (
    select r.team_id, r.feature, r.model, v.place, v.weight, i.card_id, r.price_card_id, r.cost_status = 'unpriced' as was_unpriced,
      r.cache_hit is true as is_free, r.other_units, l.bits, count(*) as requests, sum(r.cost) as cost,
      private.total(l.fresh_input) as fresh_input, private.total(l.cached_input) as cached_input,
      private.total(r.cache_write_5m_tokens) as cache_write_5m, private.total(r.cache_write_1h_tokens) as cache_write_1h,
      private.total(r.input_audio_tokens) as input_audio, private.total(r.cached_input_audio_tokens) as cached_input_audio,
      private.total(r.visible_output_tokens) as visible_output, private.total(r.reasoning_tokens) as reasoning,
      private.total(r.output_audio_tokens) as output_audio
    from private.slice_usage(p_organization_id, p_from, p_to, p_filters) r
    cross join (values (1, (p_how).service_tier, v_share), (2, null, 1 - v_share)) v (place, tier, weight)
    cross join lateral (
      select c.*, private.leaf_bits(c.fresh_input, c.cached_input, r.cache_write_5m_tokens, r.cache_write_1h_tokens, r.input_audio_tokens,
        r.cached_input_audio_tokens, r.visible_output_tokens, r.reasoning_tokens, r.output_audio_tokens) as bits
      from (
        select b.total_input, b.cached_input, r.fresh_input_tokens + r.cached_input_tokens - b.cached_input as fresh_input
        from (
          select r.fresh_input_tokens + r.cached_input_tokens + r.cache_write_5m_tokens + r.cache_write_1h_tokens + r.input_audio_tokens
              + r.cached_input_audio_tokens as total_input,
            case when (p_how).cache_hit_rate is null then r.cached_input_tokens
              else floor((r.fresh_input_tokens + r.cached_input_tokens) * (p_how).cache_hit_rate)::bigint end as cached_input
        ) b
        offset 0
      ) c
      offset 0
    ) l
    left join private.price_card_index i on i.organization_id = v_book and i.provider = coalesce((p_how).provider, r.provider)
      and i.model = coalesce((p_how).model, r.model) and i.service_tier = coalesce(v.tier, r.service_tier, '')
      and i.region = case when (p_how).provider is distinct from r.provider and (p_how).provider is not null then '' else coalesce(r.region, '') end
      and l.total_input >= i.min_input_tokens and l.total_input < i.max_input_tokens
      and coalesce((p_how).priced_at, r."timestamp") >= i.valid_from and coalesce((p_how).priced_at, r."timestamp") < i.valid_to
    where v.weight > 0
    group by r.team_id, r.feature, r.model, v.place, v.weight, i.card_id, r.price_card_id, r.cost_status = 'unpriced', r.cache_hit is true,
      r.other_units, l.bits
  ),
  priced as materialized (
    select q.*, q.then_status <> 'unpriced' as has_price, not q.was_unpriced and (q.is_free or q.then_status <> 'unpriced') as is_compared
    from (
      select g.team_id, g.feature, g.model, g.place, g.weight, g.was_unpriced, g.is_free, g.requests, g.cost, a.cost_status as then_status,
        case when g.is_free then 0
          -- What is not a token is the same for each of the group.
          else a.cost_input + a.cost_cached_input + a.cost_cache_write + a.cost_output + a.cost_other * g.requests end as cost_then
      from grouped g
      left join private.price_cards c on c.id = g.card_id
      cross join lateral private.price_leaves(c, g.fresh_input, g.cached_input, g.cache_write_5m, g.cache_write_1h, g.input_audio,
        g.cached_input_audio, g.visible_output, g.reasoning, g.output_audio, coalesce(g.other_units, '{}')) a
      offset 0
    ) q
  )
  select
    case when grouping(p.team_id) = 0 then 'team' when grouping(p.feature) = 0 then 'feature' when grouping(p.model) = 0 then 'model' else 'none' end,
    case when grouping(p.team_id) = 0 then coalesce(p.team_id::text, '') when grouping(p.feature) = 0 then coalesce(p.feature, '')
      when grouping(p.model) = 0 then p.model else '' end,
    coalesce(sum(p.requests) filter (where p.place = 1), 0)::bigint,
    coalesce(sum(p.requests) filter (where p.place = 1 and p.is_compared), 0)::bigint,
    coalesce(sum(p.requests) filter (where p.place = 1 and not p.is_free
      and (p.was_unpriced = p.has_price or p.has_price and p.cost <> p.cost_then)), 0)::bigint,
    coalesce(sum(p.requests) filter (where p.place = 1 and not p.is_free and p.then_status in ('estimated', 'partial')), 0)::bigint,
    coalesce(sum(p.requests) filter (where p.place = 1 and not p.is_compared), 0)::bigint,
    coalesce(sum(p.cost * p.weight) filter (where p.is_compared), 0),
    coalesce(sum(p.cost_then * p.weight) filter (where p.is_compared), 0)
  from priced p
  group by grouping sets ((), (p.team_id), (p.feature), (p.model));
end
$$;
comment on function private.reprice_slice(uuid, timestamptz, timestamptz, jsonb, private.repricing) is
  'What a slice cost and would have cost, exact: rows for the whole (dimension none) and by team, feature and model as sent. Only records with a price on both sides are compared; the others are counted in unpriced_requests. Hits in our own cache stay free. Fills the cache of cards, nothing else is written.';

create function private.label_repriced(p_organization_id uuid, p_dimension text, p_key text) returns text
language sql stable set search_path = '' as $$
  select case
    when p_dimension = 'none' then ''
    when p_key = '' then 'Not set'
    when p_dimension = 'team' then coalesce((select t.name from public.teams t where t.organization_id = p_organization_id and t.id::text = p_key), p_key)
    else p_key
  end
$$;
comment on function private.label_repriced(uuid, text, text) is 'A key of reprice_slice() in words.';

create function private.check_slice(p_organization_id uuid, p_from timestamptz, p_to timestamptz, p_filters jsonb) returns void
language plpgsql stable set search_path = '' as $$
begin
  perform private.require_permission(p_organization_id, 'usage.read');
  perform private.require_permission(p_organization_id, 'prices.read');
  if p_from is null or p_to is null or p_from >= p_to then
    perform private.raise_error('invalid', 'A window needs a beginning and a later end.', 'p_from');
  end if;
  perform private.check_usage_filters(p_filters);
  -- What a person can wait for; rollups answer in no time how much it is.
  if (select private.total(t.requests) from private.usage_rollups t where t.rollup = 'total_day' and t.organization_id = p_organization_id
    and t.bucket >= p_from - interval '1 day' and t.bucket < p_to) > 2000000 then
    perform private.raise_error('unprocessable', 'More than 2 million requests: choose a shorter time.', 'p_from');
  end if;
end
$$;
comment on function private.check_slice(uuid, timestamptz, timestamptz, jsonb) is
  'First line of what prices a slice once more: permissions usage.read and prices.read, window, filters, size.';

create function private.what_if(
  p_organization_id uuid, p_from timestamptz, p_to timestamptz, p_filters jsonb, p_provider text, p_model text, p_service_tier text,
  p_tier_share numeric, p_cache_hit_rate numeric, p_priced_at timestamptz
) returns table (
  dimension text, key text, label text, requests bigint, compared_requests bigint, changed_requests bigint, estimated_requests bigint,
  unpriced_requests bigint, cost text, cost_then text, difference text
)
language plpgsql volatile security definer set search_path = '' as $$
#variable_conflict use_column
begin
  perform private.require_permission(p_organization_id, 'usage.read');
  perform private.check_slice(p_organization_id, p_from, p_to, p_filters);
  if (p_provider is null) <> (p_model is null) then
    perform private.raise_error('invalid', 'Another model is named with its provider.', 'p_model');
  elsif p_tier_share is not null and not p_tier_share between 0 and 1 then
    perform private.raise_error('invalid', 'tier_share lies between 0 and 1.', 'p_tier_share');
  elsif p_cache_hit_rate is not null and not p_cache_hit_rate between 0 and 1 then
    perform private.raise_error('invalid', 'cache_hit_rate lies between 0 and 1.', 'p_cache_hit_rate');
  elsif char_length(p_provider) > 100 or char_length(p_model) > 200 or char_length(p_service_tier) > 32 then
    perform private.raise_error('invalid', 'provider, model or service_tier is too long.', 'p_model');
  end if;
  return query
  select s.dimension, s.key, private.label_repriced(p_organization_id, s.dimension, s.key), s.requests, s.compared_requests, s.changed_requests,
    s.estimated_requests, s.unpriced_requests, trim_scale(s.cost)::text, trim_scale(s.cost_then)::text, trim_scale(s.cost_then - s.cost)::text
  from private.reprice_slice(p_organization_id, p_from, p_to, p_filters,
    row(p_provider, p_model, p_service_tier, p_tier_share, p_cache_hit_rate, p_priced_at)::private.repricing) s
  order by s.dimension <> 'none', s.dimension, abs(s.cost_then - s.cost) desc, s.cost desc, s.key;
end
$$;
comment on function private.what_if(uuid, timestamptz, timestamptz, jsonb, text, text, text, numeric, numeric, timestamptz) is 'Body of public.what_if().';

create function public.what_if(
  p_organization_id uuid, p_from timestamptz, p_to timestamptz, p_filters jsonb default '{}', p_provider text default null,
  p_model text default null, p_service_tier text default null, p_tier_share numeric default null, p_cache_hit_rate numeric default null,
  p_priced_at timestamptz default null
) returns table (
  dimension text, key text, label text, requests bigint, compared_requests bigint, changed_requests bigint, estimated_requests bigint,
  unpriced_requests bigint, cost text, cost_then text, difference text
)
language sql volatile security invoker set search_path = '' as $$
  select * from private.what_if(p_organization_id, p_from, p_to, p_filters, p_provider, p_model, p_service_tier, p_tier_share, p_cache_hit_rate,
    p_priced_at)
$$;
comment on function public.what_if(uuid, timestamptz, timestamptz, jsonb, text, text, text, numeric, numeric, timestamptz) is
  'What would the requests of [p_from, p_to) that fit the filters have cost as another model (with its provider), in another tier (tier_share of them: batching a part), with another share of text input from the provider''s cache, at the prices of one moment (null = each at its own)? With nothing changed: what today''s price book says about history. Rows: the whole (dimension none), then by feature, model and team, largest difference first; cost is what was recorded, cost_then what it would have been, difference their exact difference over compared_requests; unpriced_requests have no price on one side and are left out of all three. Codes: not_found, forbidden, invalid, unprocessable.';

create function private.preview_price_override(
  p_organization_id uuid, p_provider text, p_model text, p_unit text, p_rate numeric, p_discount_percent numeric, p_service_tier text,
  p_valid_from timestamptz, p_valid_to timestamptz, p_from timestamptz, p_to timestamptz
) returns table (
  dimension text, key text, label text, requests bigint, compared_requests bigint, changed_requests bigint, estimated_requests bigint,
  unpriced_requests bigint, cost text, cost_then text, difference text
)
language plpgsql volatile security definer set search_path = '' as $$
#variable_conflict use_column
declare
  v_today jsonb;
  v_then jsonb;
begin
  perform private.require_permission(p_organization_id, 'prices.write');
  perform private.check_slice(p_organization_id, p_from, p_to, '{}');
  select jsonb_object_agg(s.dimension || ' ' || s.key, to_jsonb(s)) into v_today
  from private.reprice_slice(p_organization_id, p_from, p_to, '{}', null) s;
  -- The agreement is made, its effect worked out, and all of it taken back: nothing else could be the same arithmetic.
  begin
    perform private.set_price_override(p_organization_id, p_provider, p_model, p_unit, p_rate, p_discount_percent, p_service_tier, p_valid_from,
      p_valid_to, null);
    select jsonb_object_agg(s.dimension || ' ' || s.key, to_jsonb(s)) into v_then
    from private.reprice_slice(p_organization_id, p_from, p_to, '{}', null) s;
    raise exception using errcode = 'TTPRV';
  exception when sqlstate 'TTPRV' then
    null;
  end;
  return query
  select d.dimension, d.key, private.label_repriced(p_organization_id, d.dimension, d.key), (d.then ->> 'requests')::bigint,
    (d.then ->> 'compared_requests')::bigint, (d.then ->> 'changed_requests')::bigint, (d.then ->> 'estimated_requests')::bigint,
    (d.then ->> 'unpriced_requests')::bigint, trim_scale(d.cost)::text, trim_scale(d.cost_then)::text, trim_scale(d.cost_then - d.cost)::text
  from (
    select t.value ->> 'dimension' as dimension, t.value ->> 'key' as key, t.value as then,
      (v_today -> t.key ->> 'cost_then')::numeric as cost, (t.value ->> 'cost_then')::numeric as cost_then
    from jsonb_each(v_then) t
  ) d
  order by d.dimension <> 'none', d.dimension, abs(d.cost_then - d.cost) desc, d.cost desc, d.key;
end
$$;
comment on function private.preview_price_override(uuid, text, text, text, numeric, numeric, text, timestamptz, timestamptz, timestamptz, timestamptz) is
  'Body of public.preview_price_override().';

create function public.preview_price_override(
  p_organization_id uuid, p_from timestamptz, p_to timestamptz, p_provider text default null, p_model text default null,
  p_unit text default null, p_rate numeric default null, p_discount_percent numeric default null, p_service_tier text default null,
  p_valid_from timestamptz default null, p_valid_to timestamptz default null
) returns table (
  dimension text, key text, label text, requests bigint, compared_requests bigint, changed_requests bigint, estimated_requests bigint,
  unpriced_requests bigint, cost text, cost_then text, difference text
)
language sql volatile security invoker set search_path = '' as $$
  select * from private.preview_price_override(p_organization_id, p_provider, p_model, p_unit, p_rate, p_discount_percent, p_service_tier,
    p_valid_from, p_valid_to, p_from, p_to)
$$;
comment on function public.preview_price_override(uuid, timestamptz, timestamptz, text, text, text, numeric, numeric, text, timestamptz, timestamptz) is
  'What the requests of [p_from, p_to) would have cost under the agreement that set_price_override() would make with the same arguments; nothing is changed. Columns as what_if(); cost is what they cost at today''s book without it. Codes: not_found, forbidden, invalid, unprocessable.';

grant execute on function
  private.what_if(uuid, timestamptz, timestamptz, jsonb, text, text, text, numeric, numeric, timestamptz),
  public.what_if(uuid, timestamptz, timestamptz, jsonb, text, text, text, numeric, numeric, timestamptz),
  private.preview_price_override(uuid, text, text, text, numeric, numeric, text, timestamptz, timestamptz, timestamptz, timestamptz),
  public.preview_price_override(uuid, timestamptz, timestamptz, text, text, text, numeric, numeric, text, timestamptz, timestamptz)
to authenticated;
