-- Receipts, and what an organization says about its own prices.

create function private.receipt(
  p_card_id bigint,
  p_fresh_input bigint, p_cached_input bigint, p_cache_write_5m bigint, p_cache_write_1h bigint,
  p_input_audio bigint, p_cached_input_audio bigint, p_visible_output bigint, p_reasoning bigint, p_output_audio bigint,
  p_other_units jsonb default '{}'
) returns jsonb
language sql stable set search_path = ''
as $$
  with card as (
    select * from private.price_cards where id = p_card_id
  ),
  used as (
    select l.position, l.unit, l.quantity::numeric as quantity, l.quantity::numeric as billed_quantity, l.rate, 1::numeric as per,
      l.quantity * l.rate as amount
    from card c
    cross join lateral (values
      (1, 'input_tokens', p_fresh_input, c.input_rate),
      (2, 'cached_input_tokens', p_cached_input, c.cached_input_rate),
      (3, 'cache_write_5m_tokens', p_cache_write_5m, c.cache_write_5m_rate),
      (4, 'cache_write_1h_tokens', p_cache_write_1h, c.cache_write_1h_rate),
      (5, 'input_audio_tokens', p_input_audio, c.input_audio_rate),
      (6, 'cached_input_audio_tokens', p_cached_input_audio, c.cached_input_audio_rate),
      (7, 'output_tokens', p_visible_output, c.output_rate),
      (8, 'reasoning_tokens', p_reasoning, c.reasoning_rate),
      (9, 'output_audio_tokens', p_output_audio, c.output_audio_rate)
    ) l (position, unit, quantity, rate)
    where l.quantity > 0
    union all
    select 10, o.unit, o.quantity, o.billed_quantity, o.rate, o.per, o.amount
    from card c
    cross join lateral private.other_lines(c.other_rates, p_other_units, p_fresh_input + p_cached_input + p_cache_write_5m
      + p_cache_write_1h + p_input_audio + p_cached_input_audio + p_visible_output + p_reasoning + p_output_audio > 0) o
  )
  select coalesce(jsonb_agg(jsonb_build_object(
    'unit', u.unit,
    'quantity', trim_scale(u.quantity)::text,
    'billed_quantity', trim_scale(u.billed_quantity)::text,
    'rate', trim_scale(u.rate)::text,
    'per', u.per::integer,
    'list_rate', line ->> 'list_rate',
    'multipliers', coalesce(line -> 'multipliers', '[]'),
    'discount_percent', line ->> 'discount_percent',
    'borrowed_from', line ->> 'borrowed_from',
    'is_estimated', coalesce((line ->> 'is_estimated')::boolean, false),
    'rate_id', (line ->> 'rate_id')::bigint,
    'contract_id', coalesce((line ->> 'contract_id')::bigint, (line ->> 'discount_id')::bigint),
    'source', line ->> 'source',
    'amount', trim_scale(u.amount)::text
  ) order by u.position, u.unit), '[]')
  from used u
  cross join card c
  cross join lateral (select c.lines -> u.unit as line) d
$$;
comment on function private.receipt(bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint, jsonb) is
  'Explains the cost of one record: a line per used unit with quantity, rate (US dollars per `per` units), where the rate comes from (rate row, contract, chain of factors, source) and amount. Amounts are decimal strings whose sum is the stored cost; a unit without a price has rate and amount null.';

create trigger audit after insert or update or delete on private.price_contracts
for each row execute function private.write_audit('price_override', 'model');

create function private.put_price_contract(
  p_organization_id uuid, p_provider text, p_model text, p_unit text, p_rate numeric, p_discount_percent numeric,
  p_service_tier text default null, p_valid tstzrange default null, p_note text default null, p_known_at timestamptz default null
) returns bigint
language plpgsql volatile set search_path = ''
as $$
declare
  v_platform text;
  v_model text;
  v_found record;
  v_tier text := case when p_service_tier is not null then (private.canonical_service_tier(p_service_tier)).service_tier end;
  v_valid tstzrange := coalesce(p_valid, tstzrange(null, null));
  v_known_at timestamptz;
  v_old private.price_contracts;
  v_rest tstzrange;
  v_id bigint;
begin
  perform private.lock_price_book(true);
  v_known_at := coalesce(p_known_at, clock_timestamp());
  if p_provider is not null then
    select a.platform into v_platform from private.provider_aliases a where a.alias = lower(btrim(p_provider)) and upper_inf(a.known);
    v_platform := coalesce(v_platform, lower(btrim(p_provider)));
  end if;
  if p_model is not null then
    v_found := private.find_price_identity('00000000-0000-0000-0000-000000000000', p_provider, p_model, 'infinity');
    if v_found.model is not null and v_found.is_exact then
      v_platform := v_found.platform;
      v_model := v_found.model;
    else
      v_model := lower(p_model);
    end if;
  end if;

  for v_old in
    select c.* from private.price_contracts c
    where c.organization_id = p_organization_id and upper_inf(c.known) and c.valid && v_valid
      and c.platform is not distinct from v_platform and c.model is not distinct from v_model and c.unit is not distinct from p_unit
      and c.service_tier is not distinct from v_tier and (c.rate is null) = (p_rate is null)
  loop
    update private.price_contracts set known = tstzrange(lower(known), v_known_at) where id = v_old.id;
    for v_rest in select unnest(tstzmultirange(v_old.valid) - tstzmultirange(v_valid)) loop
      insert into private.price_contracts (organization_id, platform, model, unit, service_tier, rate, discount_percent, note, valid, known,
        created_by)
      values (v_old.organization_id, v_old.platform, v_old.model, v_old.unit, v_old.service_tier, v_old.rate, v_old.discount_percent,
        v_old.note, v_rest, tstzrange(v_known_at, null), v_old.created_by);
    end loop;
  end loop;
  insert into private.price_contracts (organization_id, platform, model, unit, service_tier, rate, discount_percent, note, valid, known,
    created_by)
  values (p_organization_id, v_platform, v_model, p_unit, v_tier, trim_scale(p_rate), trim_scale(p_discount_percent),
    coalesce(p_note, ''), v_valid, tstzrange(v_known_at, null), auth.uid())
  returning id into v_id;
  return v_id;
end
$$;
comment on function private.put_price_contract(uuid, text, text, text, numeric, numeric, text, tstzrange, text, timestamptz) is
  'Notes a negotiated rate or discount; what the organization had agreed for the same thing and time is closed and superseded.';

create function private.set_price_override(
  p_organization_id uuid, p_provider text, p_model text, p_unit text, p_rate numeric, p_discount_percent numeric, p_service_tier text,
  p_valid_from timestamptz, p_valid_to timestamptz, p_note text
) returns bigint
language plpgsql security definer set search_path = ''
as $$
begin
  perform private.require_permission(p_organization_id, 'prices.write');
  if (p_rate is null) = (p_discount_percent is null) then
    perform private.raise_error('invalid', 'Give either rate or discount_percent.', 'rate');
  elsif p_rate = 'NaN' or p_rate < 0 or p_rate > 1000000 then
    perform private.raise_error('invalid', 'rate must be between 0 and 1000000 US dollars per unit.', 'rate');
  elsif p_discount_percent = 'NaN' or p_discount_percent < 0 or p_discount_percent > 100 then
    perform private.raise_error('invalid', 'discount_percent must be between 0 and 100.', 'discount_percent');
  elsif p_model is not null and p_provider is null then
    perform private.raise_error('invalid', 'A model needs its provider.', 'provider');
  elsif p_rate is not null and (p_model is null or p_unit is null) then
    perform private.raise_error('invalid', 'A rate needs a provider, a model and a unit.', 'unit');
  elsif p_unit is not null and p_unit !~ '^[a-z][a-z0-9_]{0,63}$' then
    perform private.raise_error('invalid', 'unit is a name like input_tokens or web_search_calls.', 'unit');
  elsif char_length(p_provider) > 100 or char_length(p_model) > 200 or char_length(p_service_tier) > 32 or char_length(p_note) > 1000 then
    perform private.raise_error('invalid', 'provider, model, service_tier or note is too long.', 'note');
  elsif p_valid_from >= p_valid_to then
    perform private.raise_error('invalid', 'valid_to must come after valid_from.', 'valid_to');
  end if;
  return private.put_price_contract(p_organization_id, p_provider, p_model, p_unit, p_rate, p_discount_percent, p_service_tier,
    tstzrange(p_valid_from, p_valid_to), p_note);
end
$$;
comment on function private.set_price_override(uuid, text, text, text, numeric, numeric, text, timestamptz, timestamptz, text) is
  'Body of public.set_price_override(): permission prices.write, then the input rules.';

create function public.set_price_override(
  p_organization_id uuid, p_provider text default null, p_model text default null, p_unit text default null, p_rate numeric default null,
  p_discount_percent numeric default null, p_service_tier text default null, p_valid_from timestamptz default null,
  p_valid_to timestamptz default null, p_note text default null
) returns bigint
language sql security invoker set search_path = '' as $$
  select private.set_price_override(p_organization_id, p_provider, p_model, p_unit, p_rate, p_discount_percent, p_service_tier,
    p_valid_from, p_valid_to, p_note)
$$;
comment on function public.set_price_override(uuid, text, text, text, numeric, numeric, text, timestamptz, timestamptz, text) is
  'A negotiated price: US dollars per unit (input_tokens, output_tokens, web_search_calls, …), or a percentage off everything, a provider, a model or a unit, in force in [valid_from, valid_to). Replaces what was agreed for the same thing and time. Codes: not_found, forbidden, invalid.';

create function private.end_price_override(p_organization_id uuid, p_id bigint) returns void
language plpgsql security definer set search_path = ''
as $$
declare
  v_ended bigint;
begin
  perform private.require_permission(p_organization_id, 'prices.write');
  perform private.lock_price_book(true);
  update private.price_contracts c set known = tstzrange(lower(c.known), clock_timestamp())
  where c.organization_id = p_organization_id and c.id = p_id and upper_inf(c.known)
  returning c.id into v_ended;
  if v_ended is null then
    perform private.raise_error('not_found', 'Not found.', 'id');
  end if;
end
$$;
comment on function private.end_price_override(uuid, bigint) is 'Body of public.end_price_override().';

create function public.end_price_override(p_organization_id uuid, p_id bigint) returns void
language sql security invoker set search_path = '' as $$
  select private.end_price_override(p_organization_id, p_id)
$$;
comment on function public.end_price_override(uuid, bigint) is
  'Takes an override back: from now on it is not believed for any time. What was recorded before keeps its price. Codes: not_found, forbidden.';

create function private.list_price_overrides(p_organization_id uuid)
returns table (id bigint, provider text, model text, unit text, service_tier text, rate text, discount_percent text, note text,
  valid_from timestamptz, valid_to timestamptz, known_from timestamptz)
language plpgsql stable security definer set search_path = ''
as $$
begin
  perform private.require_permission(p_organization_id, 'prices.read');
  return query
    select c.id, c.platform, c.model, c.unit, c.service_tier, c.rate::text, c.discount_percent::text, c.note, lower(c.valid), upper(c.valid),
      lower(c.known)
    from private.price_contracts c
    where c.organization_id = p_organization_id and upper_inf(c.known)
    order by c.platform, c.model, c.unit, lower(c.valid), c.id;
end
$$;
comment on function private.list_price_overrides(uuid) is 'Body of public.list_price_overrides().';

create function public.list_price_overrides(p_organization_id uuid)
returns table (id bigint, provider text, model text, unit text, service_tier text, rate text, discount_percent text, note text,
  valid_from timestamptz, valid_to timestamptz, known_from timestamptz)
language sql stable security invoker set search_path = '' as $$
  select * from private.list_price_overrides(p_organization_id)
$$;
comment on function public.list_price_overrides(uuid) is 'Overrides an organization has in force, ordered by provider, model, unit. Codes: not_found, forbidden.';

grant execute on function
  private.set_price_override(uuid, text, text, text, numeric, numeric, text, timestamptz, timestamptz, text),
  public.set_price_override(uuid, text, text, text, numeric, numeric, text, timestamptz, timestamptz, text),
  private.end_price_override(uuid, bigint),
  public.end_price_override(uuid, bigint),
  private.list_price_overrides(uuid),
  public.list_price_overrides(uuid)
to authenticated;
