-- What people see of the price book: every price with what their organization pays instead, where it comes from, how it came to
-- be, which of the models they use have none, and what they committed to spend.

create function private.price_state(p_valid tstzrange, p_known tstzrange, p_at timestamptz) returns text
language sql immutable parallel safe
return case
  when not upper_inf(p_known) then 'superseded'
  when lower(p_valid) > p_at then 'future'
  when upper(p_valid) <= p_at then 'past'
  else 'current'
end;
comment on function private.price_state(tstzrange, tstzrange, timestamptz) is
  'What a price row says at a moment: current, future, past (charged once), superseded (believed once, known better now).';

create function private.list_prices(
  p_organization_id uuid, p_search text, p_provider text, p_unit text, p_service_tier text, p_state text, p_scope text, p_limit integer,
  p_offset integer
) returns table (
  id bigint, contract_id bigint, provider text, model text, unit text, service_tier text, region text, min_input_tokens bigint,
  max_input_tokens bigint, time_zone text, is_windowed boolean, list_rate text, per integer, contracted_rate text,
  discount_percent text, valid_from timestamptz, valid_to timestamptz, known_from timestamptz, known_to timestamptz, state text,
  source text, source_checked_on date, total_rows bigint
)
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
declare
  v_now timestamptz := now();
  v_words text[] := regexp_split_to_array(lower(btrim(coalesce(p_search, ''))), '\s+');
begin
  perform private.require_permission(p_organization_id, 'prices.read');
  if p_state is null or p_state not in ('current', 'future', 'past', 'all') then
    perform private.raise_error('invalid', 'state is current, future, past or all.', 'p_state');
  elsif p_scope is null or p_scope not in ('all', 'used', 'contracted') then
    perform private.raise_error('invalid', 'scope is all, used or contracted.', 'p_scope');
  elsif p_limit is null or p_limit not between 1 and 1000 or p_offset is null or p_offset < 0 then
    perform private.raise_error('invalid', 'limit lies between 1 and 1000, offset is not negative.', 'p_limit');
  elsif char_length(p_search) > 200 then
    perform private.raise_error('invalid', 'search is too long.', 'p_search');
  end if;
  return query
  with used as materialized (
    select distinct f.platform, f.model
    from (
      select distinct t.provider, t.key from private.usage_rollups t
      where p_scope = 'used' and t.rollup = 'model_day' and t.organization_id = p_organization_id and t.bucket > v_now - interval '90 days'
    ) u
    cross join lateral private.find_price_identity(private.price_book_of(p_organization_id), u.provider, u.key, 'infinity') f
    where f.platform is not null
  ),
  agreed as materialized (
    select * from private.price_contracts c where c.organization_id = p_organization_id and upper_inf(c.known)
  ),
  rows as (
    select r.id, r.platform, r.model, r.unit, r.service_tier, r.region, r.context_tokens, r.time_zone,
      r.week_seconds <> int4multirange(int4range(0, 604800)) as is_windowed, r.rate, r.per, r.valid, r.known, r.source, r.source_checked_on,
      null::bigint as own_id
    from private.price_rates r
    union all
    -- What an organization priced itself and nobody lists.
    select null, a.platform, a.model, a.unit, coalesce(a.service_tier, 'standard'), '', int8range(0, null), 'UTC', false, null, 1, a.valid, a.known,
      'contract' || coalesce(': ' || nullif(a.note, ''), ''), null, a.id
    from agreed a
    where a.rate is not null and not exists (
      select from private.price_rates r where r.platform = a.platform and r.model = a.model and r.unit = a.unit and upper_inf(r.known)
    )
  ),
  wanted as (
    select r.*, private.price_state(r.valid, r.known, v_now) as state
    from rows r
    where (p_provider is null or r.platform = p_provider) and (p_unit is null or r.unit = p_unit)
      and (p_service_tier is null or r.service_tier = p_service_tier)
      and (p_scope <> 'used' or (r.platform, r.model) in (select u.platform, u.model from used u))
      and not exists (select from unnest(v_words) w where position(w in lower(r.platform || ' ' || r.model || ' ' || r.unit)) = 0)
  )
  select w.id, coalesce(w.own_id, c.id, d.id), w.platform, w.model, w.unit, w.service_tier, w.region, lower(w.context_tokens),
    upper(w.context_tokens), w.time_zone, w.is_windowed, trim_scale(w.rate)::text, w.per,
    trim_scale(coalesce(o.rate, c.rate * w.per, case when d.id is not null then private.contract_rate(w.rate, '[]', d.discount_percent) end))::text,
    case when c.id is null and o.id is null then trim_scale(d.discount_percent)::text end,
    lower(w.valid), upper(w.valid), lower(w.known), upper(w.known), w.state, w.source, w.source_checked_on, count(*) over ()
  from wanted w
  left join agreed o on o.id = w.own_id
  left join lateral (
    select a.id, a.rate from agreed a
    where a.rate is not null and w.own_id is null and w.state in ('current', 'future') and a.platform = w.platform and a.model = w.model
      and a.unit = w.unit and (a.service_tier is null or a.service_tier = w.service_tier) and a.valid @> greatest(v_now, lower(w.valid))
    order by a.service_tier nulls last limit 1
  ) c on true
  left join lateral (
    select a.id, a.discount_percent from agreed a
    where a.discount_percent is not null and c.id is null and w.own_id is null and w.state in ('current', 'future')
      and (a.platform is null or a.platform = w.platform) and (a.model is null or a.model = w.model) and (a.unit is null or a.unit = w.unit)
      and (a.service_tier is null or a.service_tier = w.service_tier) and a.valid @> greatest(v_now, lower(w.valid))
    order by a.model nulls last, a.platform nulls last, a.unit nulls last, a.service_tier nulls last limit 1
  ) d on true
  where case p_state when 'all' then true when 'past' then w.state in ('past', 'superseded') else w.state = p_state end
    and (p_scope <> 'contracted' or w.own_id is not null or c.id is not null or d.id is not null)
  order by w.platform, w.model, w.unit, w.service_tier, w.region, lower(w.context_tokens), lower(w.valid) nulls first, lower(w.known), w.id
  limit p_limit offset p_offset;
end
$$;
comment on function private.list_prices(uuid, text, text, text, text, text, text, integer, integer) is 'Body of public.list_prices().';

create function public.list_prices(
  p_organization_id uuid, p_search text default null, p_provider text default null, p_unit text default null, p_service_tier text default null,
  p_state text default 'current', p_scope text default 'all', p_limit integer default 100, p_offset integer default 0
) returns table (
  id bigint, contract_id bigint, provider text, model text, unit text, service_tier text, region text, min_input_tokens bigint,
  max_input_tokens bigint, time_zone text, is_windowed boolean, list_rate text, per integer, contracted_rate text,
  discount_percent text, valid_from timestamptz, valid_to timestamptz, known_from timestamptz, known_to timestamptz, state text,
  source text, source_checked_on date, total_rows bigint
)
language sql stable security invoker set search_path = '' as $$
  select * from private.list_prices(p_organization_id, p_search, p_provider, p_unit, p_service_tier, p_state, p_scope, p_limit, p_offset)
$$;
comment on function public.list_prices(uuid, text, text, text, text, text, text, integer, integer) is
  'The price book by provider, model, unit, tier, context size and time: list rate in US dollars for `per` units, and what this organization pays instead (contracted_rate, null where nothing was agreed) before the vendor''s factors for tier and place. state: current, future, past (with superseded) or all; scope: all, used (models seen in 90 days) or contracted; search: words that all occur in provider, model or unit. Codes: not_found, forbidden, invalid.';

create function private.price_facets(p_organization_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
begin
  perform private.require_permission(p_organization_id, 'prices.read');
  return (
    select jsonb_build_object(
      'providers', (select jsonb_agg(distinct p.platform) from (
        select r.platform from private.price_rates r
        union select c.platform from private.price_contracts c where c.organization_id = p_organization_id and c.platform is not null) p),
      'units', (select jsonb_agg(distinct r.unit) from private.price_rates r),
      'service_tiers', (select jsonb_agg(distinct t.tier) from (
        select r.service_tier as tier from private.price_rates r
        union select m.service_tier from private.price_multipliers m where m.service_tier is not null) t),
      'checked_at', (select max(lower(r.known)) from private.price_rates r where r.origin = 'catalogue'),
      'next_change_at', (select min(lower(r.valid)) from private.price_rates r where upper_inf(r.known) and lower(r.valid) > now())
    )
  );
end
$$;
comment on function private.price_facets(uuid) is 'Body of public.price_facets().';

create function public.price_facets(p_organization_id uuid) returns jsonb
language sql stable security invoker set search_path = '' as $$ select private.price_facets(p_organization_id) $$;
comment on function public.price_facets(uuid) is
  'What the price book can be narrowed by: {providers, units, service_tiers}, when the list last changed and when a known price changes next. Codes: not_found, forbidden.';

create function private.price_details(p_organization_id uuid, p_provider text, p_model text, p_region text, p_total_input_tokens bigint, p_at timestamptz)
returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_book uuid;
  v_found record;
  v_region text := lower(btrim(coalesce(p_region, '')));
  v_at timestamptz := coalesce(p_at, now());
begin
  perform private.require_permission(p_organization_id, 'prices.read');
  if p_provider is null or p_model is null or char_length(p_provider) > 100 or char_length(p_model) > 200 then
    perform private.raise_error('invalid', 'Give a provider and a model.', 'p_model');
  end if;
  v_book := private.price_book_of(p_organization_id);
  select f.platform, f.model, f.matched_alias, f.is_exact into v_found from private.find_price_identity(v_book, p_provider, p_model, 'infinity') f;
  -- The price book's own name of a model need not be one that anybody sends.
  if exists (select from private.price_rates r where r.platform = p_provider and r.model = p_model) then
    if v_found.model is distinct from p_model then
      v_found.matched_alias := null;
    end if;
    v_found.platform := p_provider;
    v_found.model := p_model;
  end if;
  if v_found.platform is null then
    return null;
  end if;
  return jsonb_build_object(
    'provider', v_found.platform, 'model', v_found.model, 'matched_alias', v_found.matched_alias, 'is_exact', v_found.is_exact,
    'aliases', (
      select coalesce(jsonb_agg(jsonb_build_object('name', a.name, 'pattern', array_to_string(a.likes || a.patterns, ' and '),
        'is_exact', a.is_exact, 'source', a.source, 'known_from', lower(a.known)) order by a.name nulls last, a.position), '[]')
      from private.model_aliases a where a.platform = v_found.platform and a.model = v_found.model and upper_inf(a.known)
    ),
    'tiers', (
      select coalesce(jsonb_agg(to_jsonb(l) || jsonb_build_object('service_tier', t.tier, 'rate', trim_scale(l.rate)::text,
        'list_rate', trim_scale(l.list_rate)::text, 'minimum_quantity', l.minimum_quantity::text,
        'discount_percent', trim_scale(l.discount_percent)::text) order by t.tier <> 'standard', t.tier, l.unit), '[]')
      from (
        select 'standard' as tier
        union select r.service_tier from private.price_rates r
          where r.platform = v_found.platform and r.model = v_found.model and upper_inf(r.known)
        union select m.service_tier from private.price_multipliers m
          where m.platform = v_found.platform and m.service_tier is not null and upper_inf(m.known)
            and (m.model_pattern is null or v_found.model ~ m.model_pattern)
        union select c.service_tier from private.price_contracts c
          where c.organization_id = v_book and c.platform = v_found.platform and c.service_tier is not null and upper_inf(c.known)
            and (c.model is null or c.model = v_found.model)
      ) t
      cross join lateral private.price_lines(v_book, v_found.platform, v_found.model, t.tier, v_region, coalesce(p_total_input_tokens, 0), v_at,
        'infinity') l
    ),
    'history', (
      select coalesce(jsonb_agg(jsonb_build_object('id', r.id, 'unit', r.unit, 'service_tier', r.service_tier, 'region', r.region,
        'min_input_tokens', lower(r.context_tokens), 'max_input_tokens', upper(r.context_tokens), 'rate', trim_scale(r.rate)::text,
        'per', r.per, 'valid_from', lower(r.valid), 'valid_to', upper(r.valid), 'known_from', lower(r.known), 'known_to', upper(r.known),
        'state', private.price_state(r.valid, r.known, v_at), 'time_zone', r.time_zone,
        'is_windowed', r.week_seconds <> int4multirange(int4range(0, 604800)), 'origin', r.origin, 'source', r.source,
        'source_checked_on', r.source_checked_on, 'superseded_by', r.superseded_by)
        order by r.unit, r.service_tier, lower(r.context_tokens), lower(r.valid) desc nulls last, lower(r.known) desc), '[]')
      from private.price_rates r where r.platform = v_found.platform and r.model = v_found.model
    )
  );
end
$$;
comment on function private.price_details(uuid, text, text, text, bigint, timestamptz) is 'Body of public.price_details().';

create function public.price_details(
  p_organization_id uuid, p_provider text, p_model text, p_region text default null, p_total_input_tokens bigint default 0,
  p_at timestamptz default null
) returns jsonb
language sql stable security invoker set search_path = '' as $$
  select private.price_details(p_organization_id, p_provider, p_model, p_region, p_total_input_tokens, p_at)
$$;
comment on function public.price_details(uuid, text, text, text, bigint, timestamptz) is
  'One model, named as the price book or as an application spells it: which alias matched, every name it goes by, what each unit costs this organization in each tier ({unit, service_tier, list_rate, multipliers, discount_percent, rate, per, source}) and every price that was ever known (history, newest first). Null when nobody has a price for it. Codes: not_found, forbidden, invalid.';

create function private.unpriced_models(p_organization_id uuid, p_from timestamptz, p_to timestamptz)
returns table (provider text, model text, reason text, requests bigint, unpriced_requests bigint, tokens bigint, first_seen timestamptz,
  last_seen timestamptz)
language plpgsql stable security definer set search_path = '' as $$
begin
  perform private.require_permission(p_organization_id, 'prices.read');
  perform private.require_permission(p_organization_id, 'usage.read');
  return query
  select u.provider, u.key,
    case
      when f.platform is not null then 'unit'
      when exists (select from private.provider_aliases a where a.alias = lower(btrim(u.provider)) and upper_inf(a.known)) then 'model'
      else 'provider'
    end,
    u.requests, u.unpriced_requests, u.tokens, u.first_seen, u.last_seen
  from (
    select t.provider, t.key, private.total(t.requests) as requests, private.total(t.unpriced_requests) as unpriced_requests,
      private.total(t.fresh_input_tokens + t.cached_input_tokens + t.cache_write_5m_tokens + t.cache_write_1h_tokens + t.input_audio_tokens
        + t.cached_input_audio_tokens + t.visible_output_tokens + t.reasoning_tokens + t.output_audio_tokens)
        filter (where t.unpriced_requests > 0) as tokens,
      min(t.bucket) filter (where t.unpriced_requests > 0) as first_seen, max(t.bucket) filter (where t.unpriced_requests > 0) as last_seen
    from private.usage_rollups t
    where t.rollup = 'model_day' and t.organization_id = p_organization_id and t.bucket >= p_from and t.bucket < p_to
    group by t.provider, t.key
    having private.total(t.unpriced_requests) > 0
  ) u
  cross join lateral private.find_price_identity(private.price_book_of(p_organization_id), u.provider, u.key, 'infinity') f
  order by u.unpriced_requests desc, u.provider, u.key
  limit 200;
end
$$;
comment on function private.unpriced_models(uuid, timestamptz, timestamptz) is 'Body of public.unpriced_models().';

create function public.unpriced_models(
  p_organization_id uuid, p_from timestamptz default now() - interval '400 days', p_to timestamptz default now() + interval '1 day'
) returns table (provider text, model text, reason text, requests bigint, unpriced_requests bigint, tokens bigint, first_seen timestamptz,
  last_seen timestamptz)
language sql stable security invoker set search_path = '' as $$
  select * from private.unpriced_models(p_organization_id, p_from, p_to)
$$;
comment on function public.unpriced_models(uuid, timestamptz, timestamptz) is
  'Models of this organization whose calls have no price, most calls first. reason: provider (nobody knows it), model (the provider is known) or unit (the model is, but not what was used of it). tokens: on the days on which calls went unpriced; first_seen, last_seen: those days. Codes: not_found, forbidden.';

create table private.price_commitments (
  id bigint generated always as identity primary key,
  organization_id uuid not null references public.organizations (id) on delete cascade,
  platform text,
  amount numeric not null check (amount > 0 and amount < 1e15),
  period text not null check (period in ('month', 'term')),
  valid tstzrange not null check (not isempty(valid) and not lower_inf(valid)),
  known tstzrange not null default tstzrange(clock_timestamp(), null) check (not isempty(known)),
  note text not null default '',
  created_by uuid,
  check (period = 'month' or not upper_inf(valid))
);
create index price_commitments_organization on private.price_commitments (organization_id);
comment on table private.price_commitments is
  'What an organization promised to spend: `amount` US dollars with a provider (null = all) per calendar month of its zone, or over the whole term. Closed and superseded, never edited.';
create trigger audit after insert or update or delete on private.price_commitments
for each row execute function private.write_audit('price_commitment', 'platform');

create function private.set_price_commitment(
  p_organization_id uuid, p_provider text, p_amount numeric, p_period text, p_valid_from timestamptz, p_valid_to timestamptz, p_note text,
  p_replaces bigint
) returns bigint
language plpgsql security definer set search_path = '' as $$
declare
  v_platform text;
  v_id bigint;
begin
  perform private.require_permission(p_organization_id, 'prices.write');
  if p_amount is null or p_amount = 'NaN' or p_amount <= 0 or p_amount >= 1e15 then
    perform private.raise_error('invalid', 'amount must be a number of US dollars above 0.', 'amount');
  elsif p_period is null or p_period not in ('month', 'term') then
    perform private.raise_error('invalid', 'period is month or term.', 'period');
  elsif p_valid_from is null then
    perform private.raise_error('invalid', 'A commitment begins on a day.', 'valid_from');
  elsif p_valid_from >= p_valid_to then
    perform private.raise_error('invalid', 'valid_to must come after valid_from.', 'valid_to');
  elsif p_period = 'term' and p_valid_to is null then
    perform private.raise_error('invalid', 'A term has an end.', 'valid_to');
  elsif char_length(p_provider) > 100 or char_length(p_note) > 1000 then
    perform private.raise_error('invalid', 'provider or note is too long.', 'note');
  end if;
  if p_provider is not null then
    select a.platform into v_platform from private.provider_aliases a where a.alias = lower(btrim(p_provider)) and upper_inf(a.known);
    v_platform := coalesce(v_platform, lower(btrim(p_provider)));
  end if;
  if p_replaces is not null then
    perform private.end_price_commitment(p_organization_id, p_replaces);
  end if;
  insert into private.price_commitments (organization_id, platform, amount, period, valid, note, created_by)
  values (p_organization_id, v_platform, trim_scale(p_amount), p_period, tstzrange(p_valid_from, p_valid_to), coalesce(p_note, ''), auth.uid())
  returning id into v_id;
  return v_id;
end
$$;
comment on function private.set_price_commitment(uuid, text, numeric, text, timestamptz, timestamptz, text, bigint) is
  'Body of public.set_price_commitment().';

create function private.end_price_commitment(p_organization_id uuid, p_id bigint) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_ended bigint;
begin
  perform private.require_permission(p_organization_id, 'prices.write');
  update private.price_commitments c set known = tstzrange(lower(c.known), clock_timestamp())
  where c.organization_id = p_organization_id and c.id = p_id and upper_inf(c.known)
  returning c.id into v_ended;
  if v_ended is null then
    perform private.raise_error('not_found', 'Not found.', 'id');
  end if;
end
$$;
comment on function private.end_price_commitment(uuid, bigint) is 'Body of public.end_price_commitment().';

create function private.list_price_commitments(p_organization_id uuid)
returns table (id bigint, provider text, amount text, period text, valid_from timestamptz, valid_to timestamptz, note text,
  period_from timestamptz, period_to timestamptz, spent text, remaining text)
language plpgsql stable security definer set search_path = '' as $$
begin
  perform private.require_permission(p_organization_id, 'prices.read');
  perform private.require_permission(p_organization_id, 'usage.read');
  return query
  select c.id, c.platform, c.amount::text, c.period, lower(c.valid), upper(c.valid), c.note, w.opens, w.closes,
    trim_scale(s.spent)::text, trim_scale(greatest(c.amount - s.spent, 0))::text
  from private.price_commitments c
  join private.usage_settings g on g.organization_id = c.organization_id
  cross join lateral (
    select
      case c.period when 'term' then lower(c.valid) else greatest(lower(c.valid), date_trunc('month', now(), g.time_zone)) end as opens,
      case c.period when 'term' then upper(c.valid)
        else least(upper(c.valid), (date_trunc('month', now() at time zone g.time_zone) + interval '1 month') at time zone g.time_zone) end as closes
  ) w
  cross join lateral (
    select coalesce(sum(t.cost_input + t.cost_cached_input + t.cost_cache_write + t.cost_output + t.cost_other), 0) as spent
    from private.usage_rollups t
    where t.rollup = 'model' and t.organization_id = c.organization_id and t.bucket >= w.opens and t.bucket < w.closes
      and (c.platform is null or t.provider = c.platform or exists (
        select from private.provider_aliases a where a.platform = c.platform and a.alias = lower(btrim(t.provider)) and upper_inf(a.known)))
  ) s
  where c.organization_id = p_organization_id and upper_inf(c.known)
  order by c.platform nulls first, lower(c.valid), c.id;
end
$$;
comment on function private.list_price_commitments(uuid) is 'Body of public.list_price_commitments().';

create function public.set_price_commitment(
  p_organization_id uuid, p_amount numeric, p_period text, p_valid_from timestamptz, p_valid_to timestamptz default null,
  p_provider text default null, p_note text default null, p_replaces bigint default null
) returns bigint
language sql security invoker set search_path = '' as $$
  select private.set_price_commitment(p_organization_id, p_provider, p_amount, p_period, p_valid_from, p_valid_to, p_note, p_replaces)
$$;
comment on function public.set_price_commitment(uuid, numeric, text, timestamptz, timestamptz, text, text, bigint) is
  'Notes a promise to spend `amount` US dollars with a provider (null = all) per month or over a term, in [valid_from, valid_to). p_replaces: the commitment it takes the place of. Codes: not_found, forbidden, invalid.';

create function public.end_price_commitment(p_organization_id uuid, p_id bigint) returns void
language sql security invoker set search_path = '' as $$ select private.end_price_commitment(p_organization_id, p_id) $$;
comment on function public.end_price_commitment(uuid, bigint) is 'Takes a commitment back. Codes: not_found, forbidden.';

create function public.list_price_commitments(p_organization_id uuid)
returns table (id bigint, provider text, amount text, period text, valid_from timestamptz, valid_to timestamptz, note text,
  period_from timestamptz, period_to timestamptz, spent text, remaining text)
language sql stable security invoker set search_path = '' as $$ select * from private.list_price_commitments(p_organization_id) $$;
comment on function public.list_price_commitments(uuid) is
  'Commitments in force, with what was spent towards each in its current month or its term, from the buckets that begin in [period_from, period_to). Codes: not_found, forbidden.';

create function private.list_held_prices(p_organization_id uuid) returns table (
  id bigint, provider text, model text, held_at timestamptz, source text, is_used boolean, diff jsonb
)
language plpgsql stable security definer set search_path = '' as $$
begin
  perform private.require_permission(p_organization_id, 'prices.read');
  return query
  with used as materialized (
    select distinct f.platform, f.model
    from (
      select distinct t.provider, t.key from private.usage_rollups t
      where t.rollup = 'model_day' and t.organization_id = p_organization_id and t.bucket > now() - interval '90 days'
    ) u
    cross join lateral private.find_price_identity('00000000-0000-0000-0000-000000000000', u.provider, u.key, 'infinity') f
    where f.platform is not null
  )
  select q.id, q.platform, q.model, q.held_at, q.source,
    exists (select from used u where u.platform = q.platform and u.model = q.model), q.diff
  from private.price_quarantine q
  where q.decided_at is null
  order by 6 desc, q.held_at desc, q.platform, q.model
  limit 500;
end
$$;
comment on function private.list_held_prices(uuid) is 'Body of public.list_held_prices().';

create function public.list_held_prices(p_organization_id uuid) returns table (
  id bigint, provider text, model text, held_at timestamptz, source text, is_used boolean, diff jsonb
)
language sql stable security invoker set search_path = '' as $$ select * from private.list_held_prices(p_organization_id) $$;
comment on function public.list_held_prices(uuid) is
  'Changes of the price list that do not go live by themselves: they move a price by more than 20 % or drop one. diff: [{reason: moved|dropped, unit, service_tier, region, context_tokens, was, becomes}]. Models in use first. Who runs the installation decides. Codes: not_found, forbidden.';

grant execute on function
  private.list_prices(uuid, text, text, text, text, text, text, integer, integer),
  public.list_prices(uuid, text, text, text, text, text, text, integer, integer),
  private.price_facets(uuid), public.price_facets(uuid),
  private.price_details(uuid, text, text, text, bigint, timestamptz), public.price_details(uuid, text, text, text, bigint, timestamptz),
  private.unpriced_models(uuid, timestamptz, timestamptz), public.unpriced_models(uuid, timestamptz, timestamptz),
  private.set_price_commitment(uuid, text, numeric, text, timestamptz, timestamptz, text, bigint),
  public.set_price_commitment(uuid, numeric, text, timestamptz, timestamptz, text, text, bigint),
  private.end_price_commitment(uuid, bigint), public.end_price_commitment(uuid, bigint),
  private.list_price_commitments(uuid), public.list_price_commitments(uuid),
  private.list_held_prices(uuid), public.list_held_prices(uuid)
to authenticated;
