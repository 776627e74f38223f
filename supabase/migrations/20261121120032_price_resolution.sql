-- From what a record says (provider, model, tier, region, input size, moment) to the card that prices it.

create function private.canonical_service_tier(p_service_tier text, out service_tier text, out is_exact boolean)
language plpgsql immutable set search_path = ''
as $$
begin
  service_tier := lower(btrim(coalesce(p_service_tier, '')));
  is_exact := service_tier <> 'auto';
  if service_tier in ('', 'default', 'standard', 'standard_only', 'on_demand', 'on-demand', 'auto') then
    service_tier := 'standard';
  end if;
end
$$;
comment on function private.canonical_service_tier(text) is
  'The tier as vendors spell it → the tier of the price book. `auto` is what was asked for, not what was served: standard, as an estimate.';

create function private.find_model(
  p_platform text, p_model text, p_known_at timestamptz,
  out model text, out matched_alias text, out is_exact boolean
)
language plpgsql stable set search_path = ''
as $$
#variable_conflict use_column
begin
  select a.model, a.matched_alias, a.is_exact into model, matched_alias, is_exact
  from (
    select n.model, n.name as matched_alias, n.is_exact, n.position, n.id
    from private.model_aliases n
    where n.platform = p_platform and n.name = lower(p_model) and n.known @> p_known_at
    union all
    select p.model, array_to_string(p.likes || p.patterns, ' and '), false, p.position, p.id
    from private.model_aliases p
    where p.platform = p_platform and p.name is null and p.known @> p_known_at
      and (p.likes is null or lower(p_model) like all (p.likes)) and (p.patterns is null or lower(p_model) ~ all (p.patterns))
  ) a
  order by a.position, a.is_exact desc, a.id
  limit 1;
end
$$;
comment on function private.find_model(text, text, timestamptz) is
  'The first alias row of a platform that matches a model name, or nulls. Nothing is stripped from the name but its case.';

create function private.find_price_identity(
  p_price_book uuid, p_provider text, p_model text, p_known_at timestamptz,
  out platform text, out model text, out matched_alias text, out is_exact boolean
)
language plpgsql stable set search_path = ''
as $$
declare
  v_is_exact_provider boolean;
  v_fallback text;
begin
  select a.platform, a.is_exact into platform, v_is_exact_provider
  from private.provider_aliases a
  where a.alias = lower(btrim(p_provider)) and a.known @> p_known_at;

  -- What an organization priced itself needs no place in the list: a fine-tuned or self-hosted model.
  if p_price_book <> '00000000-0000-0000-0000-000000000000' and exists (
    select from private.price_contracts c
    where c.organization_id = p_price_book and c.platform = coalesce(find_price_identity.platform, lower(btrim(p_provider)))
      and c.model = lower(p_model) and c.rate is not null and c.known @> p_known_at
  ) then
    platform := coalesce(platform, lower(btrim(p_provider)));
    model := lower(p_model);
    matched_alias := model;
    is_exact := true;
    return;
  end if;
  if platform is null then
    return;
  end if;

  select f.model, f.matched_alias, f.is_exact and v_is_exact_provider into model, matched_alias, is_exact
  from private.find_model(platform, p_model, p_known_at) f;
  if model is not null then
    return;
  end if;
  for v_fallback in select f.fallback_platform from private.platform_fallbacks f where f.platform = find_price_identity.platform order by f.position loop
    select f.model, f.matched_alias into model, matched_alias from private.find_model(v_fallback, p_model, p_known_at) f;
    if model is not null then
      platform := v_fallback;
      is_exact := false;
      return;
    end if;
  end loop;
  platform := null;
end
$$;
comment on function private.find_price_identity(uuid, text, text, timestamptz) is
  'Provider and model as sent → identity in the price book; all null when unknown. Found on another platform (a reseller without own prices): not exact.';

create function private.week_second(p_at timestamptz, p_time_zone text) returns integer
language sql stable parallel safe
return extract(epoch from date_trunc('second', p_at at time zone p_time_zone) - date_trunc('week', p_at at time zone p_time_zone))::integer;
comment on function private.week_second(timestamptz, text) is 'Whole seconds since Monday 00:00 on the wall clock of a zone.';

create function private.contract_rate(p_list numeric, p_factors jsonb, p_discount_percent numeric) returns numeric
language plpgsql immutable set search_path = ''
as $$
declare
  v_rate numeric := p_list;
  v_factor jsonb;
begin
  for v_factor in select * from jsonb_array_elements(p_factors) loop
    v_rate := v_rate * (v_factor ->> 'factor')::numeric;
  end loop;
  return trim_scale(v_rate * (100 - coalesce(p_discount_percent, 0)) * 0.01);
end
$$;
comment on function private.contract_rate(numeric, jsonb, numeric) is 'List rate × the chain of factors × (1 − discount): multiplications only, so nothing is rounded.';

create function private.price_lines(
  p_price_book uuid, p_platform text, p_model text, p_service_tier text, p_region text, p_total_input bigint, p_at timestamptz,
  p_known_at timestamptz
)
returns table (
  unit text, rate numeric, per integer, minimum_quantity numeric, list_rate numeric, multipliers jsonb, discount_percent numeric,
  rate_id bigint, contract_id bigint, discount_id bigint, is_estimated boolean, source text
)
-- plpgsql keeps the plan, which costs more than the answer.
language plpgsql stable set search_path = ''
as $$
#variable_conflict use_column
begin
  return query
  -- First the few rows of the model: the ranges alone select nearly nothing, and their index would be read whole.
  with of_model as materialized (
    select * from private.price_rates r where r.platform = p_platform and r.model = p_model
  ),
  listed as (
    select distinct on (r.unit) r.*
    from of_model r
    where r.service_tier in (p_service_tier, 'standard') and r.region in (p_region, '')
      and r.context_tokens @> p_total_input and r.valid @> p_at and r.known @> p_known_at
      and r.week_seconds @> private.week_second(p_at, r.time_zone)
    order by r.unit, r.service_tier = p_service_tier desc, r.region = p_region desc
  ),
  contracted as (
    select distinct on (c.unit) c.*
    from private.price_contracts c
    where c.organization_id = p_price_book and c.rate is not null and c.platform = p_platform and c.model = p_model
      and (c.service_tier is null or c.service_tier = p_service_tier) and c.valid @> p_at and c.known @> p_known_at
    order by c.unit, c.service_tier nulls last
  ),
  factors as (
    select distinct on (m.step) m.*
    from private.price_multipliers m
    where m.platform = p_platform
      and (m.model_pattern is null or p_model ~ m.model_pattern)
      and (m.service_tier is null or m.service_tier = p_service_tier)
      and (m.region_pattern is null or p_region ~ m.region_pattern)
      and m.valid @> p_at and m.known @> p_known_at
    order by m.step, m.model_pattern nulls last, m.id
  ),
  units as (
    select
      coalesce(c.unit, l.unit) as unit, coalesce(c.rate, l.rate) as rate, case when c.id is null then l.per else 1 end as per,
      case when c.id is null then l.minimum_quantity end as minimum_quantity, l.rate as list_rate, l.id as rate_id, c.id as contract_id,
      coalesce(c.unit, l.unit) like '%\_tokens' as is_token,
      -- A price quoted for this very tier or region already contains the factor.
      case when c.id is not null then coalesce(c.service_tier, '') <> '' else l.service_tier = p_service_tier end as has_tier,
      case when c.id is not null then false else l.region <> '' end as has_region,
      case when c.id is not null then 'contract' || coalesce(': ' || nullif(c.note, ''), '') else l.source end as source
    from listed l full join contracted c on c.unit = l.unit
  )
  select u.unit, private.contract_rate(u.rate, f.chain, d.discount_percent), u.per, u.minimum_quantity, u.list_rate, f.chain,
    d.discount_percent, u.rate_id, u.contract_id, d.id,
    u.is_token and not u.has_tier and p_service_tier <> 'standard' and not f.has_tier,
    u.source
  from units u
  cross join lateral (
    select
      coalesce(jsonb_agg(jsonb_build_object('label', m.label, 'factor', m.factor::text, 'id', m.id, 'source', m.source) order by m.step), '[]') as chain,
      coalesce(bool_or(m.service_tier is not null), false) as has_tier
    from factors m
    where u.is_token and not (m.service_tier is not null and u.has_tier) and not (m.region_pattern is not null and u.has_region)
  ) f
  left join lateral (
    select c.id, c.discount_percent
    from private.price_contracts c
    where c.organization_id = p_price_book and c.discount_percent is not null and u.contract_id is null
      and (c.platform is null or c.platform = p_platform) and (c.model is null or c.model = p_model)
      and (c.unit is null or c.unit = u.unit) and (c.service_tier is null or c.service_tier = p_service_tier)
      and c.valid @> p_at and c.known @> p_known_at
    order by c.model nulls last, c.platform nulls last, c.unit nulls last, c.service_tier nulls last
    limit 1
  ) d on true;
end
$$;
comment on function private.price_lines(uuid, text, text, text, text, bigint, timestamptz, timestamptz) is
  'Every unit that has a price for one identity, tier, region, input size and moment, as known at p_known_at: list rate, chain of factors, discount, and the rate that results. is_estimated: no price for the tier is known, the standard one stands in.';

create function private.price_bounds(
  p_price_book uuid, p_platform text, p_model text, p_total_input bigint, p_at timestamptz, p_known_at timestamptz,
  out min_input_tokens bigint, out max_input_tokens bigint, out valid_from timestamptz, out valid_to timestamptz
)
language plpgsql stable set search_path = ''
as $$
begin
  with rates as (
    select r.context_tokens, r.valid, r.time_zone, r.week_seconds
    from (select * from private.price_rates m where m.platform = p_platform and m.model = p_model offset 0) r
    where r.known @> p_known_at
  ),
  sizes as (
    select lower(context_tokens) as edge from rates union select upper(context_tokens) from rates
  ),
  ranges as (
    select valid from rates
    union
    select m.valid from private.price_multipliers m where m.platform = p_platform and m.known @> p_known_at
    union
    select c.valid from private.price_contracts c where c.organization_id = p_price_book and c.known @> p_known_at
  ),
  moments as (
    select lower(valid) as edge from ranges union select upper(valid) from ranges
    union
    select (date_trunc('week', p_at at time zone w.time_zone) + make_interval(days => week * 7, secs => second)) at time zone w.time_zone
    from (select distinct time_zone, week_seconds from rates where week_seconds <> int4multirange(int4range(0, 604800))) w
    cross join generate_series(-1, 1) week
    cross join lateral unnest(w.week_seconds) part
    cross join lateral unnest(array[lower(part), upper(part)]) second
  )
  select
    coalesce((select max(edge) from sizes where edge <= p_total_input), 0),
    coalesce((select min(edge) from sizes where edge > p_total_input), 9223372036854775807),
    coalesce((select max(edge) from moments where edge <= p_at), '-infinity'),
    coalesce((select min(edge) from moments where edge > p_at), 'infinity')
  into min_input_tokens, max_input_tokens, valid_from, valid_to;
end
$$;
comment on function private.price_bounds(uuid, text, text, bigint, timestamptz, timestamptz) is
  'How far around an input size and a moment the same card holds: the nearest edges of any context bucket, validity or window of the week.';

create function private.build_price_card(
  p_price_book uuid, p_platform text, p_model text, p_matched_alias text, p_is_exact boolean, p_service_tier text, p_region text,
  p_total_input bigint, p_at timestamptz, p_known_at timestamptz
) returns bigint
language plpgsql volatile set search_path = ''
as $$
declare
  -- leaf, its bit, the parent whose rate stands in, and whether that is how vendors charge it (exact) or a guess
  v_leaves constant jsonb := '[
    ["input_tokens", 1, null, true],
    ["cached_input_tokens", 2, "input_tokens", true],
    ["cache_write_5m_tokens", 4, "input_tokens", false],
    ["cache_write_1h_tokens", 8, "cache_write_5m_tokens", false],
    ["input_audio_tokens", 16, "input_tokens", false],
    ["cached_input_audio_tokens", 32, "input_audio_tokens", true],
    ["output_tokens", 64, null, true],
    ["reasoning_tokens", 128, "output_tokens", true],
    ["output_audio_tokens", 256, "output_tokens", false]
  ]';
  v_leaf jsonb;
  v_unit text;
  v_parent text;
  v_line jsonb;
  v_lines jsonb;
  v_rates jsonb := '{}';
  v_other jsonb;
  v_card jsonb;
  v_estimated integer := 0;
  v_missing integer := 0;
  v_tier record;
  v_region text := lower(btrim(coalesce(p_region, '')));
  v_id bigint;
  v_hash bytea;
begin
  v_tier := private.canonical_service_tier(p_service_tier);
  select jsonb_object_agg(l.unit, to_jsonb(l) || jsonb_build_object('rate', trim_scale(l.rate)::text, 'list_rate', trim_scale(l.list_rate)::text,
    'minimum_quantity', l.minimum_quantity::text, 'discount_percent', trim_scale(l.discount_percent)::text))
  into v_lines
  from private.price_lines(p_price_book, p_platform, p_model, v_tier.service_tier, v_region, p_total_input, p_at, p_known_at) l;
  if v_lines is null then
    return null;
  end if;

  for v_leaf in select * from jsonb_array_elements(v_leaves) loop
    v_unit := v_leaf ->> 0;
    v_parent := v_leaf ->> 2;
    v_line := v_lines -> v_unit;
    if v_line is null and v_parent is not null and v_lines ? v_parent then
      v_line := (v_lines -> v_parent) || jsonb_build_object('unit', v_unit, 'borrowed_from',
        coalesce(v_lines -> v_parent ->> 'borrowed_from', v_parent));
      if not (v_leaf ->> 3)::boolean then
        v_line := v_line || '{"is_estimated": true}';
      end if;
      v_lines := v_lines || jsonb_build_object(v_unit, v_line);
    end if;
    if v_line is null then
      v_missing := v_missing | (v_leaf ->> 1)::integer;
    else
      v_rates := v_rates || jsonb_build_object(v_unit, v_line ->> 'rate');
      if (v_line ->> 'is_estimated')::boolean then
        v_estimated := v_estimated | (v_leaf ->> 1)::integer;
      end if;
    end if;
  end loop;

  select coalesce(jsonb_object_agg(e.key, jsonb_strip_nulls(jsonb_build_object(
    'rate', e.value -> 'rate', 'per', e.value -> 'per', 'minimum', e.value -> 'minimum_quantity'))), '{}')
  into v_other
  from jsonb_each(v_lines) e
  where not v_rates ? e.key;

  v_card := jsonb_build_object(
    'platform', p_platform, 'model', p_model, 'service_tier', v_tier.service_tier, 'region', v_region, 'matched_alias', p_matched_alias,
    'is_exact', p_is_exact and v_tier.is_exact, 'lines', v_lines
  );
  v_hash := sha256(convert_to(v_card::text, 'UTF8'));
  insert into private.price_cards as c (
    content_hash, platform, model, service_tier, region, matched_alias, is_exact, estimated_units, missing_units, has_request_fee,
    input_rate, cached_input_rate, cache_write_5m_rate, cache_write_1h_rate, input_audio_rate, cached_input_audio_rate,
    output_rate, reasoning_rate, output_audio_rate, other_rates, lines
  )
  values (
    v_hash, p_platform, p_model, v_tier.service_tier, v_region, p_matched_alias, p_is_exact and v_tier.is_exact,
    v_estimated, v_missing, v_other ? 'requests',
    (v_rates ->> 'input_tokens')::numeric, (v_rates ->> 'cached_input_tokens')::numeric,
    (v_rates ->> 'cache_write_5m_tokens')::numeric, (v_rates ->> 'cache_write_1h_tokens')::numeric,
    (v_rates ->> 'input_audio_tokens')::numeric, (v_rates ->> 'cached_input_audio_tokens')::numeric,
    (v_rates ->> 'output_tokens')::numeric, (v_rates ->> 'reasoning_tokens')::numeric, (v_rates ->> 'output_audio_tokens')::numeric,
    v_other, v_lines
  )
  on conflict (content_hash) do nothing
  returning c.id into v_id;
  if v_id is null then
    select c.id into v_id from private.price_cards c where c.content_hash = v_hash;
  end if;
  return v_id;
end
$$;
comment on function private.build_price_card(uuid, text, text, text, boolean, text, text, bigint, timestamptz, timestamptz) is
  'Finds or writes the card of one identity at one input size and moment; null when nothing has a price there. Cached input without a rate is charged as input and reasoning as output (that is how vendors charge them); any other missing leaf borrows its parent''s rate and is marked as estimated.';

create function private.resolve_price_card(
  p_organization_id uuid, p_provider text, p_model text, p_service_tier text, p_region text, p_total_input_tokens bigint, p_at timestamptz,
  p_known_at timestamptz default null
) returns bigint
language plpgsql volatile set search_path = ''
as $$
declare
  v_identity record;
  v_price_book uuid := coalesce(private.price_book_of(p_organization_id), '00000000-0000-0000-0000-000000000000');
  -- What is believed now has no upper end, so it contains infinity; no clock takes part.
  v_known_at timestamptz := coalesce(p_known_at, 'infinity');
begin
  v_identity := private.find_price_identity(v_price_book, p_provider, p_model, v_known_at);
  if v_identity.platform is null then
    return null;
  end if;
  return private.build_price_card(v_price_book, v_identity.platform, v_identity.model, v_identity.matched_alias, v_identity.is_exact,
    p_service_tier, p_region, p_total_input_tokens, p_at, v_known_at);
end
$$;
comment on function private.resolve_price_card(uuid, text, text, text, text, bigint, timestamptz, timestamptz) is
  'The card for one usage, or null when unpriced. p_known_at: as the price book stood then (null = now), to reproduce what was shown on that day.';

create function private.lock_price_book(p_exclusive boolean) returns void
language plpgsql volatile set search_path = ''
as $$
begin
  if p_exclusive then
    perform pg_advisory_xact_lock(7203170001);
  else
    perform pg_advisory_xact_lock_shared(7203170001);
  end if;
end
$$;
comment on function private.lock_price_book(boolean) is
  'Until the transaction ends: shared while index entries are written, exclusive while prices change. So no entry computed from the old prices can appear after a change emptied the index.';

create function private.open_price_classes(
  p_price_books uuid[], p_providers text[], p_models text[], p_service_tiers text[], p_regions text[], p_total_input bigint[],
  p_at timestamptz[]
) returns table (price_book uuid, provider text, model text, service_tier text, region text)
-- By index, however large it has become.
language sql stable set search_path = '' set enable_hashjoin = off set enable_mergejoin = off set enable_nestloop = on
as $$
  with classes as materialized (
    select b.price_book, b.provider, b.model, b.service_tier, b.region, min(b.total_input) as min_input, max(b.total_input) as max_input,
      min(b.at) as min_at, max(b.at) as max_at
    from unnest(p_price_books, p_providers, p_models, p_service_tiers, p_regions, p_total_input, p_at)
      b (price_book, provider, model, service_tier, region, total_input, at)
    group by 1, 2, 3, 4, 5
  )
  select c.price_book, c.provider, c.model, c.service_tier, c.region
  from classes c
  where not exists (
    select from private.price_card_index i
    where i.provider = c.provider and i.model = c.model and i.service_tier = c.service_tier and i.region = c.region
      and i.organization_id = c.price_book and i.min_input_tokens <= c.min_input and i.max_input_tokens > c.max_input
      and i.valid_from <= c.min_at and i.valid_to > c.max_at
  )
$$;
comment on function private.open_price_classes(uuid[], text[], text[], text[], text[], bigint[], timestamptz[]) is
  'Classes of a batch that no single entry of price_card_index covers whole. One that covers both extremes of size and time covers all between: the usual batch costs one probe per class.';

create function private.fill_price_card_index(
  p_price_books uuid[], p_providers text[], p_models text[], p_service_tiers text[], p_regions text[], p_total_input bigint[],
  p_at timestamptz[]
) returns integer
-- The planner takes every array for ten rows and would loop over them nested: a batch has thousands.
language plpgsql volatile set search_path = '' set enable_nestloop = off
as $$
declare
  v_filled integer := 0;
  v_missing record;
  v_min_input bigint;
  v_max_input bigint;
  v_valid_from timestamptz;
  v_valid_to timestamptz;
  v_card_id bigint;
  v_built text;
begin
  if not exists (
    select from private.open_price_classes(p_price_books, p_providers, p_models, p_service_tiers, p_regions, p_total_input, p_at)
  ) then
    return 0;
  end if;
  -- A statement of its own: what follows must see the prices as they are once the lock is there.
  perform private.lock_price_book(false);

  for v_missing in
    with open_classes as materialized (
      select * from private.open_price_classes(p_price_books, p_providers, p_models, p_service_tiers, p_regions, p_total_input, p_at)
    ),
    identities as materialized (
      select n.*, f.platform, f.model as listed_model, f.matched_alias, f.is_exact
      from (select distinct o.price_book, o.provider, o.model from open_classes o) n
      cross join lateral private.find_price_identity(n.price_book, n.provider, n.model, 'infinity') f
    )
    select b.*, d.platform, d.listed_model, d.matched_alias, d.is_exact,
      concat_ws(chr(31), b.price_book, d.platform, d.listed_model, d.matched_alias, d.is_exact, b.service_tier, b.region) as card_key
    from open_classes o
    join unnest(p_price_books, p_providers, p_models, p_service_tiers, p_regions, p_total_input, p_at)
      b (price_book, provider, model, service_tier, region, total_input, at)
      on b.provider = o.provider and b.model = o.model and b.service_tier = o.service_tier and b.region = o.region
      and b.price_book = o.price_book
    join identities d on d.price_book = o.price_book and d.provider = o.provider and d.model = o.model
    -- Rows that share a card come one after the other, so that it is built once.
    order by card_key, b.total_input / 64000, b.at
  loop
    continue when exists (
      select from private.price_card_index i
      where i.provider = v_missing.provider and i.model = v_missing.model and i.service_tier = v_missing.service_tier
        and i.region = v_missing.region and i.organization_id = v_missing.price_book
        and v_missing.total_input >= i.min_input_tokens and v_missing.total_input < i.max_input_tokens
        and v_missing.at >= i.valid_from and v_missing.at < i.valid_to
    );
    if v_missing.platform is null then
      insert into private.price_card_index
      values (v_missing.price_book, v_missing.provider, v_missing.model, v_missing.service_tier, v_missing.region,
        0, 9223372036854775807, '-infinity', 'infinity', null)
      on conflict do nothing;
    else
      if v_built is distinct from v_missing.card_key or not (v_missing.total_input >= v_min_input and v_missing.total_input < v_max_input
        and v_missing.at >= v_valid_from and v_missing.at < v_valid_to) then
        select * into v_min_input, v_max_input, v_valid_from, v_valid_to
        from private.price_bounds(v_missing.price_book, v_missing.platform, v_missing.listed_model, v_missing.total_input, v_missing.at,
          'infinity');
        v_card_id := private.build_price_card(v_missing.price_book, v_missing.platform, v_missing.listed_model, v_missing.matched_alias,
          v_missing.is_exact, v_missing.service_tier, v_missing.region, v_missing.total_input, v_missing.at, 'infinity');
        v_built := v_missing.card_key;
      end if;
      insert into private.price_card_index
      values (v_missing.price_book, v_missing.provider, v_missing.model, v_missing.service_tier, v_missing.region,
        v_min_input, v_max_input, v_valid_from, v_valid_to, v_card_id)
      on conflict do nothing;
    end if;
    v_filled := v_filled + 1;
  end loop;
  return v_filled;
end
$$;
comment on function private.fill_price_card_index(uuid[], text[], text[], text[], text[], bigint[], timestamptz[]) is
  'Makes sure that price_card_index has an entry for every row of a batch (arrays of equal length, no nulls); returns how many it added. Two sessions may fill the same entry: both compute the same, the first one stays.';
