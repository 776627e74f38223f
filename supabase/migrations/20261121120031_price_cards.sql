-- Cards: the rates that apply to one (platform, served model, tier, region, context bucket, moment, contract), resolved once.
-- A usage record points at its card; cost and receipt are card × leaves, computed in one place: price_leaves().

create table private.price_cards (
  id bigint generated always as identity primary key,
  content_hash bytea not null unique,
  platform text not null,
  model text not null,
  service_tier text not null,
  region text not null,
  matched_alias text not null,
  is_exact boolean not null,
  estimated_units integer not null default 0,
  missing_units integer not null default 0,
  has_request_fee boolean not null default false,
  input_rate numeric,
  cached_input_rate numeric,
  cache_write_5m_rate numeric,
  cache_write_1h_rate numeric,
  input_audio_rate numeric,
  cached_input_audio_rate numeric,
  output_rate numeric,
  reasoning_rate numeric,
  output_audio_rate numeric,
  other_rates jsonb not null default '{}',
  lines jsonb not null,
  created_at timestamptz not null default now()
);
comment on table private.price_cards is
  'Immutable, content-addressed. *_rate: US dollars per one token, null = no price. estimated_units, missing_units: one bit per leaf (1 input, 2 cached, 4 write 5m, 8 write 1h, 16 audio in, 32 cached audio, 64 output, 128 reasoning, 256 audio out) whose rate is borrowed from its parent, or absent. other_rates: unit → {rate, per, minimum}. lines: unit → where the rate comes from.';

create table private.price_card_index (
  organization_id uuid not null default '00000000-0000-0000-0000-000000000000',
  provider text not null,
  model text not null,
  service_tier text not null,
  region text not null,
  min_input_tokens bigint not null,
  max_input_tokens bigint not null,
  valid_from timestamptz not null,
  valid_to timestamptz not null,
  card_id bigint references private.price_cards (id),
  created_at timestamptz not null default now(),
  primary key (provider, model, service_tier, region, organization_id, min_input_tokens, valid_from)
);
create index price_card_index_card on private.price_card_index (card_id);
comment on table private.price_card_index is
  'Cache: provider, model, tier and region exactly as sent (empty string when absent) → card, for total input in [min_input_tokens, max_input_tokens) and timestamps in [valid_from, valid_to). card_id null = looked up and unpriced. Emptied for what a price change touches, filled by fill_price_card_index().';

-- The functions down to price_leaves() run for every usage record, so the planner must be able to inline them: one SQL
-- expression, no pinned search path (it would forbid inlining; names are bound when the body is parsed, at creation).

create function private.leaf_amount(p_tokens bigint, p_rate numeric) returns numeric
language sql immutable parallel safe
return case when p_tokens > 0 then coalesce(p_tokens * p_rate, 0) else 0 end;
comment on function private.leaf_amount(bigint, numeric) is 'US dollars of one leaf, exact. A missing rate adds nothing; price_leaves() says so in the status.';

create function private.leaf_bits(
  p_fresh_input bigint, p_cached_input bigint, p_cache_write_5m bigint, p_cache_write_1h bigint,
  p_input_audio bigint, p_cached_input_audio bigint, p_visible_output bigint, p_reasoning bigint, p_output_audio bigint
) returns integer
language sql immutable parallel safe
return case when p_fresh_input > 0 then 1 else 0 end | case when p_cached_input > 0 then 2 else 0 end
  | case when p_cache_write_5m > 0 then 4 else 0 end | case when p_cache_write_1h > 0 then 8 else 0 end
  | case when p_input_audio > 0 then 16 else 0 end | case when p_cached_input_audio > 0 then 32 else 0 end
  | case when p_visible_output > 0 then 64 else 0 end | case when p_reasoning > 0 then 128 else 0 end
  | case when p_output_audio > 0 then 256 else 0 end;
comment on function private.leaf_bits(bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint) is
  'Which leaves were used, as the bits of price_cards.estimated_units and missing_units.';

create function private.other_lines(p_other_rates jsonb, p_other_units jsonb, p_has_tokens boolean)
returns table (unit text, quantity numeric, billed_quantity numeric, rate numeric, per numeric, amount numeric)
language sql immutable set search_path = ''
as $$
  select q.unit, q.quantity, b.billed, r.rate, r.per,
    case when r.per = 1 then b.billed * r.rate else round(round(b.billed * r.rate, 30) / r.per, 18) end
  from (
    select e.key as unit, e.value::numeric as quantity
    from jsonb_each_text(coalesce(p_other_units, '{}')) e
    union all
    select 'requests', 1
    where p_has_tokens and p_other_rates ? 'requests' and not coalesce(p_other_units ? 'requests', false)
  ) q
  cross join lateral (
    select (p_other_rates -> q.unit ->> 'rate')::numeric as rate,
      coalesce((p_other_rates -> q.unit ->> 'per')::numeric, 1) as per,
      coalesce((p_other_rates -> q.unit ->> 'minimum')::numeric, 0) as minimum
  ) r
  cross join lateral (select greatest(q.quantity, r.minimum) as billed) b
  where q.quantity > 0
$$;
comment on function private.other_lines(jsonb, jsonb, boolean) is
  'Receipt lines of units that are not tokens; rate and amount null when the card has no rate. A price per 3600 s need not end in decimals: such an amount is rounded half away from zero at 18 places. A price per request counts one request unless other_units says how many.';

create function private.other_amount(p_other_rates jsonb, p_other_units jsonb, p_has_tokens boolean) returns numeric
language sql immutable set search_path = ''
as $$
  select coalesce(sum(l.amount), 0) from private.other_lines(p_other_rates, p_other_units, p_has_tokens) l
$$;
comment on function private.other_amount(jsonb, jsonb, boolean) is 'US dollars of the units that are not tokens.';

create function private.other_state(p_other_rates jsonb, p_other_units jsonb) returns integer
language sql immutable set search_path = ''
as $$
  select coalesce(bit_or(case when p_other_rates ? e.key then 1 else 2 end), 0)
  from jsonb_each_text(coalesce(p_other_units, '{}')) e
  where e.value::numeric > 0
$$;
comment on function private.other_state(jsonb, jsonb) is 'Bit 1: some used unit has a rate. Bit 2: some used unit has none.';

create function private.usage_status(
  p_card private.price_cards,
  p_fresh_input bigint, p_cached_input bigint, p_cache_write_5m bigint, p_cache_write_1h bigint,
  p_input_audio bigint, p_cached_input_audio bigint, p_visible_output bigint, p_reasoning bigint, p_output_audio bigint,
  p_other_units jsonb
) returns text
language sql stable parallel safe
return case
  when (p_card).id is null then 'unpriced'
  when (p_card).missing_units <> 0 and (p_card).missing_units & private.leaf_bits(
      p_fresh_input, p_cached_input, p_cache_write_5m, p_cache_write_1h,
      p_input_audio, p_cached_input_audio, p_visible_output, p_reasoning, p_output_audio) <> 0
    or p_other_units <> '{}'::jsonb and private.other_state((p_card).other_rates, p_other_units) & 2 <> 0
  then case
    when ~(p_card).missing_units & private.leaf_bits(
        p_fresh_input, p_cached_input, p_cache_write_5m, p_cache_write_1h,
      p_input_audio, p_cached_input_audio, p_visible_output, p_reasoning, p_output_audio) <> 0
      or p_other_units <> '{}'::jsonb and private.other_state((p_card).other_rates, p_other_units) & 1 <> 0
    then 'partial' else 'unpriced' end
  when not (p_card).is_exact then 'estimated'
  when (p_card).estimated_units <> 0 and (p_card).estimated_units & private.leaf_bits(
      p_fresh_input, p_cached_input, p_cache_write_5m, p_cache_write_1h,
      p_input_audio, p_cached_input_audio, p_visible_output, p_reasoning, p_output_audio) <> 0
  then 'estimated'
  else 'exact'
end;
comment on function private.usage_status(private.price_cards, bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint, jsonb) is
  'exact | estimated (loosely matched name, or a borrowed rate was used) | partial (some used unit has no rate and is left out of the cost) | unpriced (no card, or nothing that was used has a rate).';

create function private.price_leaves(
  p_card private.price_cards,
  p_fresh_input bigint, p_cached_input bigint, p_cache_write_5m bigint, p_cache_write_1h bigint,
  p_input_audio bigint, p_cached_input_audio bigint, p_visible_output bigint, p_reasoning bigint, p_output_audio bigint,
  p_other_units jsonb
)
returns table (
  cost_input numeric, cost_cached_input numeric, cost_cache_write numeric, cost_output numeric, cost_other numeric, cost_status text
)
language sql stable parallel safe
begin atomic
  select
    private.leaf_amount(p_fresh_input, (p_card).input_rate) + private.leaf_amount(p_input_audio, (p_card).input_audio_rate),
    private.leaf_amount(p_cached_input, (p_card).cached_input_rate)
      + private.leaf_amount(p_cached_input_audio, (p_card).cached_input_audio_rate),
    private.leaf_amount(p_cache_write_5m, (p_card).cache_write_5m_rate)
      + private.leaf_amount(p_cache_write_1h, (p_card).cache_write_1h_rate),
    private.leaf_amount(p_visible_output, (p_card).output_rate) + private.leaf_amount(p_reasoning, (p_card).reasoning_rate)
      + private.leaf_amount(p_output_audio, (p_card).output_audio_rate),
    case when (p_card).has_request_fee or p_other_units <> '{}'::jsonb
      then private.other_amount((p_card).other_rates, p_other_units, p_fresh_input + p_cached_input + p_cache_write_5m
        + p_cache_write_1h + p_input_audio + p_cached_input_audio + p_visible_output + p_reasoning + p_output_audio > 0)
      else 0 end,
    private.usage_status(p_card, p_fresh_input, p_cached_input, p_cache_write_5m, p_cache_write_1h,
      p_input_audio, p_cached_input_audio, p_visible_output, p_reasoning, p_output_audio, p_other_units);
end;
comment on function private.price_leaves(private.price_cards, bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint, jsonb) is
  'THE cost function: US dollars of one record''s disjoint leaves under its card, exact. The cost of the record is the sum of the five components; when cost_status is unpriced there is none (null) and the components mean nothing. Inlinable: call it lateral to the price_cards row itself.';

create function private.split_leaves(
  p_input bigint, p_cached_input bigint, p_cache_write_5m bigint, p_cache_write_1h bigint, p_input_audio bigint, p_cached_input_audio bigint,
  p_output bigint, p_reasoning bigint, p_output_audio bigint
)
returns table (
  fresh_input_tokens bigint, cached_input_tokens bigint, cache_write_5m_tokens bigint, cache_write_1h_tokens bigint,
  input_audio_tokens bigint, cached_input_audio_tokens bigint,
  visible_output_tokens bigint, reasoning_tokens bigint, output_audio_tokens bigint,
  is_consistent boolean
)
language sql immutable parallel safe
begin atomic
  select
    greatest(p_input - p_cached_input - p_cache_write_5m - p_cache_write_1h - p_input_audio + p_cached_input_audio, 0),
    greatest(p_cached_input - p_cached_input_audio, 0),
    p_cache_write_5m,
    p_cache_write_1h,
    greatest(p_input_audio - p_cached_input_audio, 0),
    p_cached_input_audio,
    greatest(p_output - p_reasoning - p_output_audio, 0),
    p_reasoning,
    p_output_audio,
    p_cached_input + p_cache_write_5m + p_cache_write_1h + p_input_audio - p_cached_input_audio <= p_input
      and p_cached_input_audio <= p_cached_input and p_cached_input_audio <= p_input_audio
      and p_reasoning + p_output_audio <= p_output;
end;
comment on function private.split_leaves(bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint, bigint) is
  'Inclusive totals with their subsets → disjoint leaves that sum to the totals. Every argument ≥ 0, absent = 0; p_cached_input_audio is the part of the cached input that is audio (in both subsets). When subsets exceed a total, is_consistent is false (cost_status partial): the subsets stay as the provider gave them and only the remainder is 0.';
