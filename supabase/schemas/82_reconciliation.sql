-- Reconciliation: per day (UTC, as providers bill), line (model and component of cost) and key, what was tracked beside what is billed, and
-- the difference taken apart into six classes whose sum is the difference, to the last digit.
--
-- With q = quantity, r(s) = our rate for the unit at tier s that day, t = tracked, p = as the provider reports, B = billed, C = tracked cost:
--   1. A day the provider has not settled (24 hours after its end have not been fetched): all of B − C is timing, unless it is no more than
--      rounding (step 5).
--   2. Per model, unit and key, tiers where p > t and tiers where t > p are set against each other: the overlap m is the same tokens under
--      another tier. tier = Σ r(s)·overlap(s where p > t) − Σ r(s)·overlap(s where t > p), tiers in alphabetical order.
--   3. The rest, v = Σp − Σt, is set against the opposite rest of the next day, day by day within a month: what one day lacks and its
--      neighbour has too much was counted on the other side of midnight. timing = ± r(s)·that.
--   4. What is left of v: positive → untracked = r(s)·v; negative → not_reported = r(s)·v.
--   5. What is left of B − C (prices, not quantities): billed without any quantity reported → not_reported; nothing tracked at all → untracked;
--      nothing billed nor reported → not_reported; at most half of the last digit the provider gives, half a cent at most and a billionth at
--      least, per billed line → rounding; else rate.
-- Without a rate of ours for a unit, steps 2 to 4 value it at 0 and step 5 takes it.

create table private.reconciliation_tracked (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  provider text not null,
  day date not null,
  model text not null,
  service_tier text not null,
  key text not null,
  component text not null,
  unit text not null,
  quantity numeric not null,
  cost numeric not null,
  primary key (organization_id, provider, day, model, service_tier, key, component, unit)
);
comment on table private.reconciliation_tracked is
  'Usage records summed for reconciliation: by UTC day, model as sent, tier and our key (empty = none). Quantities by unit with cost 0; the cost of a component on its row with an empty unit. Renewed for the days that are reconciled.';

create table private.reconciliation_lines (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  provider text not null,
  day date not null,
  model text not null,
  component text not null,
  key text not null,
  tracked numeric not null,
  billed numeric not null,
  untracked numeric not null,
  tier numeric not null,
  rate numeric not null,
  rounding numeric not null,
  timing numeric not null,
  not_reported numeric not null,
  tracked_quantity numeric not null,
  billed_quantity numeric not null,
  is_settled boolean not null,
  reconciled_at timestamptz not null default now(),
  primary key (organization_id, provider, day, model, component, key)
);
comment on table private.reconciliation_lines is
  'Tracked and billed per day, line and key. model: of the price book (empty = a fee without a model); key: our API key (empty = not linked, or the provider bills without keys). billed − tracked = untracked + tier + rate + rounding + timing + not_reported, exactly; entries of the journal are not in it.';

create function private.reconciliation_component(p_unit text) returns text
language sql immutable parallel safe
return case
  when p_unit in ('input_tokens', 'input_audio_tokens') then 'input'
  when p_unit = 'cached_input_tokens' then 'cached_input'
  when p_unit in ('cache_write_5m_tokens', 'cache_write_1h_tokens') then 'cache_write'
  when p_unit in ('output_tokens', 'output_audio_tokens') then 'output'
  else 'other'
end;
comment on function private.reconciliation_component(text) is 'The component of cost a unit is billed under, as in price_leaves().';

create function private.overlap(p_from numeric, p_to numeric, p_low numeric, p_high numeric) returns numeric
language sql immutable parallel safe
return greatest(least(p_to, p_high) - greatest(p_from, p_low), 0);
comment on function private.overlap(numeric, numeric, numeric, numeric) is 'Length of what two intervals have in common.';

create function private.track_for_reconciliation(p_organization_id uuid, p_provider text, p_from date, p_to date) returns void
language plpgsql volatile set search_path = '' set jit = off as $$
begin
  delete from private.reconciliation_tracked t
  where t.organization_id = p_organization_id and t.provider = p_provider and t.day >= p_from and t.day < p_to;
  insert into private.reconciliation_tracked (organization_id, provider, day, model, service_tier, key, component, unit, quantity, cost)
  with platforms as (
    select a.alias from private.provider_aliases a where a.platform = p_provider and upper_inf(a.known)
    union
    select p_provider
  ),
  sums as (
    select (r."timestamp" at time zone 'UTC')::date as day, r.model, (private.canonical_service_tier(r.service_tier)).service_tier,
      coalesce(r.api_key_id::text, '') as key,
      sum(r.fresh_input_tokens) as fresh, sum(r.cached_input_tokens + r.cached_input_audio_tokens) as cached,
      sum(r.cache_write_5m_tokens) as write_5m, sum(r.cache_write_1h_tokens) as write_1h, sum(r.input_audio_tokens) as audio,
      sum(r.visible_output_tokens + r.reasoning_tokens) as output, sum(r.output_audio_tokens) as output_audio,
      sum(r.cost_input) as cost_input, sum(r.cost_cached_input) as cost_cached_input, sum(r.cost_cache_write) as cost_cache_write,
      sum(r.cost_output) as cost_output, sum(r.cost_other) as cost_other
    from private.usage_records r
    where r.organization_id = p_organization_id and r."timestamp" >= p_from::timestamp at time zone 'UTC'
      and r."timestamp" < p_to::timestamp at time zone 'UTC' and lower(r.provider) in (select p.alias from platforms p)
    group by 1, 2, 3, 4
  ),
  others as (
    select (r."timestamp" at time zone 'UTC')::date as day, r.model, (private.canonical_service_tier(r.service_tier)).service_tier,
      coalesce(r.api_key_id::text, '') as key, u.key as unit, sum(u.value::numeric) as quantity
    from private.usage_records r
    cross join lateral jsonb_each_text(r.other_units) u
    where r.organization_id = p_organization_id and r."timestamp" >= p_from::timestamp at time zone 'UTC'
      and r."timestamp" < p_to::timestamp at time zone 'UTC' and r.other_units is not null
      and lower(r.provider) in (select p.alias from platforms p)
    group by 1, 2, 3, 4, 5
  )
  select p_organization_id, p_provider, s.day, s.model, s.service_tier, s.key, v.component, v.unit, v.quantity, v.cost
  from sums s
  cross join lateral (values
    ('input', 'input_tokens', s.fresh, 0), ('input', 'input_audio_tokens', s.audio, 0), ('cached_input', 'cached_input_tokens', s.cached, 0),
    ('cache_write', 'cache_write_5m_tokens', s.write_5m, 0), ('cache_write', 'cache_write_1h_tokens', s.write_1h, 0),
    ('output', 'output_tokens', s.output, 0), ('output', 'output_audio_tokens', s.output_audio, 0),
    ('input', '', 0, s.cost_input), ('cached_input', '', 0, s.cost_cached_input), ('cache_write', '', 0, s.cost_cache_write),
    ('output', '', 0, s.cost_output), ('other', '', 0, s.cost_other)
  ) v (component, unit, quantity, cost)
  where v.quantity <> 0 or v.cost <> 0
  union all
  select p_organization_id, p_provider, o.day, o.model, o.service_tier, o.key, 'other', o.unit, o.quantity, 0 from others o;
end
$$;
comment on function private.track_for_reconciliation(uuid, text, date, date) is
  'Sums the records of a provider for the UTC days [p_from, p_to) into reconciliation_tracked.';

create function private.reconciliation_rates(
  p_organization_id uuid, p_provider text, p_days date[], p_models text[], p_service_tiers text[]
) returns table (day date, model text, service_tier text, unit text, rate numeric)
language plpgsql volatile set search_path = '' set jit = off as $$
#variable_conflict use_column
declare
  v_book uuid := private.price_book_of(p_organization_id);
  v_count integer := coalesce(cardinality(p_days), 0);
begin
  if v_count = 0 then
    return;
  end if;
  perform private.fill_price_card_index(array_fill(v_book, array[v_count]), array_fill(p_provider, array[v_count]), p_models, p_service_tiers,
    array_fill(''::text, array[v_count]), array_fill(0::bigint, array[v_count]),
    (select array_agg(a.d::timestamp at time zone 'UTC' order by a.place) from unnest(p_days) with ordinality a (d, place)));
  return query
  select a.day, a.model, a.service_tier, v.unit, v.rate
  from unnest(p_days, p_models, p_service_tiers) a (day, model, service_tier)
  join private.price_card_index i on i.organization_id = v_book and i.provider = p_provider and i.model = a.model
    and i.service_tier = a.service_tier and i.region = '' and i.min_input_tokens = 0
    and a.day::timestamp at time zone 'UTC' >= i.valid_from and a.day::timestamp at time zone 'UTC' < i.valid_to
  join private.price_cards c on c.id = i.card_id
  cross join lateral (
    values ('input_tokens', c.input_rate), ('cached_input_tokens', c.cached_input_rate), ('cache_write_5m_tokens', c.cache_write_5m_rate),
      ('cache_write_1h_tokens', c.cache_write_1h_rate), ('input_audio_tokens', c.input_audio_rate), ('output_tokens', c.output_rate),
      ('output_audio_tokens', c.output_audio_rate)
    union all
    select o.key, (o.value ->> 'rate')::numeric from jsonb_each(c.other_rates) o where coalesce((o.value ->> 'per')::numeric, 1) = 1
  ) v (unit, rate)
  where v.rate is not null;
end
$$;
comment on function private.reconciliation_rates(uuid, text, date[], text[], text[]) is
  'Our rates (US dollars per unit, of the smallest input) for days, models as sent and tiers, given as parallel arrays; one row per unit that has one.';

create function private.reconcile(p_organization_id uuid, p_provider text, p_from date, p_to date) returns integer
language plpgsql volatile security definer set search_path = '' set jit = off as $$
#variable_conflict use_column
declare
  v_from date := date_trunc('month', p_from)::date;
  v_to date := (date_trunc('month', p_to - 1) + interval '1 month')::date;
  v_covered_from date;
  v_covered_to date;
  v_synced_at timestamptz;
  v_is_keyed boolean;
  v_keys text[] := '{}';
  v_book uuid := private.price_book_of(p_organization_id);
  v_count integer;
begin
  perform pg_advisory_xact_lock(hashtextextended('private.reconcile ' || p_organization_id || p_provider, 0));
  perform private.track_for_reconciliation(p_organization_id, p_provider, p_from, p_to);
  delete from private.reconciliation_lines l
  where l.organization_id = p_organization_id and l.provider = p_provider and l.day >= v_from and l.day < v_to;
  select min(s.backfill_from), max(s.synced_to), min(s.last_synced_at) into v_covered_from, v_covered_to, v_synced_at
  from private.connection_syncs s
  join public.connections c on c.organization_id = s.organization_id and c.id = s.connection_id
  where s.organization_id = p_organization_id and c.provider = p_provider and s.last_synced_at is not null;
  if not found or v_synced_at is null then
    return 0;
  end if;
  v_from := greatest(v_from, v_covered_from);
  v_to := least(v_to, v_covered_to);
  -- Keys tell lines apart only where the bill knows keys.
  select coalesce(bool_or(l.provider_key <> ''), false) into v_is_keyed
  from private.provider_cost_lines l
  join public.connections c on c.organization_id = l.organization_id and c.id = l.connection_id
  where l.organization_id = p_organization_id and c.provider = p_provider and l.day >= v_from and l.day < v_to;
  -- Our key counts apart when a key of the provider is linked to it.
  if v_is_keyed then
    select coalesce(array_agg(distinct k.api_key_id::text), '{}') into v_keys
    from private.provider_keys k
    join public.connections c on c.organization_id = k.organization_id and c.id = k.connection_id
    where k.organization_id = p_organization_id and c.provider = p_provider and k.api_key_id is not null;
  end if;

  insert into private.reconciliation_lines (
    organization_id, provider, day, model, component, key, tracked, billed, untracked, tier, rate, rounding, timing, not_reported,
    tracked_quantity, billed_quantity, is_settled
  )
  with said as materialized (
    select t.day, t.model as name, t.component, t.unit, t.service_tier, case when t.key = any (v_keys) then t.key else '' end as key,
      t.quantity as tracked_quantity, 0::numeric as billed_quantity, t.cost as tracked, 0::numeric as billed, 0 as lines, 0 as tolerance
    from private.reconciliation_tracked t
    where t.organization_id = p_organization_id and t.provider = p_provider and t.day >= v_from and t.day < v_to
    union all
    select u.day, u.model, private.reconciliation_component(u.unit), u.unit, (private.canonical_service_tier(u.service_tier)).service_tier,
      case when v_is_keyed then coalesce(k.api_key_id::text, '') else '' end, 0, u.quantity, 0, 0, 0, 0
    from private.provider_usage u
    join public.connections c on c.organization_id = u.organization_id and c.id = u.connection_id and c.provider = p_provider
    left join private.provider_keys k
      on k.organization_id = u.organization_id and k.connection_id = u.connection_id and k.provider_key = u.provider_key
    where u.organization_id = p_organization_id and u.day >= v_from and u.day < v_to and u.unit <> 'requests'
    union all
    select l.day, l.model, l.component, '', '', case when v_is_keyed then coalesce(k.api_key_id::text, '') else '' end, 0, 0, 0, l.amount, 1,
      greatest(least(0.005, 0.5 * power(10::numeric, -scale(trim_scale(l.amount)))), 0.000000001)
    from private.provider_cost_lines l
    join public.connections c on c.organization_id = l.organization_id and c.id = l.connection_id and c.provider = p_provider
    left join private.provider_keys k
      on k.organization_id = l.organization_id and k.connection_id = l.connection_id and k.provider_key = l.provider_key
    where l.organization_id = p_organization_id and l.day >= v_from and l.day < v_to
  ),
  -- What a model is called here and there is one model when the price book says so.
  names as materialized (
    select n.name, n.model, min(n.name) over (partition by n.model) as priced_as
    from (
      select d.name, case when i.model is not null and i.is_exact then i.model else lower(d.name) end as model
      from (select distinct s.name from said s) d
      cross join lateral private.find_price_identity(v_book, p_provider, nullif(d.name, ''), 'infinity') i
    ) n
  ),
  facts as materialized (
    select s.day, n.model, n.priced_as, s.component, s.unit, s.service_tier, s.key, sum(s.tracked_quantity) as tracked_quantity,
      sum(s.billed_quantity) as billed_quantity, sum(s.tracked) as tracked, sum(s.billed) as billed, sum(s.tolerance) as tolerance
    from said s join names n on n.name = s.name
    group by s.day, n.model, n.priced_as, s.component, s.unit, s.service_tier, s.key
  ),
  wanted as (
    select array_agg(w.day) as days, array_agg(w.priced_as) as models, array_agg(w.service_tier) as tiers
    from (select distinct f.day, f.priced_as, f.service_tier from facts f where f.unit <> '' and f.model <> '') w
  ),
  rates as materialized (
    select r.* from wanted w cross join lateral private.reconciliation_rates(p_organization_id, p_provider, w.days, w.models, w.tiers) r
  ),
  volumes as materialized (
    select f.day, f.model, f.component, f.unit, f.key,
      sum(greatest(f.billed_quantity - f.tracked_quantity, 0)) as over, sum(greatest(f.tracked_quantity - f.billed_quantity, 0)) as under
    from facts f where f.unit <> ''
    group by f.day, f.model, f.component, f.unit, f.key
  ),
  turns as materialized (
    select v.day, v.model, v.unit, v.key, v.over - v.under as rest,
      row_number() over (partition by v.model, v.unit, v.key, date_trunc('month', v.day) order by v.day) as turn
    from volumes v where v.over <> v.under
  ),
  -- Days of one unit in order: each gives its neighbour what that lacks, and keeps the rest.
  chain as (
    with recursive steps as (
      select t.day, t.model, t.unit, t.key, t.turn, t.rest, 0::numeric as taken from turns t where t.turn = 1
      union all
      select t.day, t.model, t.unit, t.key, t.turn, t.rest - sign(t.rest) * m.moved, m.moved
      from steps s
      join turns t on t.model = s.model and t.unit = s.unit and t.key = s.key and t.turn = s.turn + 1
        and date_trunc('month', t.day) = date_trunc('month', s.day)
      cross join lateral (
        select case when t.day = s.day + 1 and sign(t.rest) = -sign(s.rest) then least(abs(t.rest), abs(s.rest)) else 0::numeric end as moved
      ) m
    )
    select s.day, s.model, s.unit, s.key, s.taken + coalesce(lead(s.taken) over (
      partition by s.model, s.unit, s.key, date_trunc('month', s.day) order by s.turn), 0) as moved
    from steps s
  ),
  tiers as (
    select f.day, f.model, f.priced_as, f.component, f.unit, f.key, f.service_tier, sign(f.billed_quantity - f.tracked_quantity) as side,
      abs(f.billed_quantity - f.tracked_quantity) as size, least(v.over, v.under) as swapped, coalesce(c.moved, 0) as moved,
      sum(abs(f.billed_quantity - f.tracked_quantity)) over (
        partition by f.day, f.model, f.component, f.unit, f.key, sign(f.billed_quantity - f.tracked_quantity) order by f.service_tier
      ) as until
    from facts f
    join volumes v on v.day = f.day and v.model = f.model and v.component = f.component and v.unit = f.unit and v.key = f.key
    left join chain c on c.day = f.day and c.model = f.model and c.unit = f.unit and c.key = f.key
    where f.unit <> '' and f.billed_quantity <> f.tracked_quantity
  ),
  effects as materialized (
    select t.day, t.model, t.component, t.key,
      sum(t.side * r.rate * private.overlap(t.until - t.size, t.until, 0, t.swapped)) as tier,
      sum(t.side * r.rate * private.overlap(t.until - t.size, t.until, t.swapped, t.swapped + t.moved)) as timing,
      sum(t.side * r.rate * private.overlap(t.until - t.size, t.until, t.swapped + t.moved, 'infinity')) as volume,
      sum(t.side * private.overlap(t.until - t.size, t.until, t.swapped + t.moved, 'infinity')) as volume_quantity,
      sum(greatest(t.side, 0) * r.rate * private.overlap(t.until - t.size, t.until, t.swapped + t.moved, 'infinity')) as untracked
    from tiers t
    left join rates r on r.day = t.day and r.model = t.priced_as and r.service_tier = t.service_tier and r.unit = t.unit
    group by t.day, t.model, t.component, t.key
  ),
  cells as (
    select f.day, f.model, f.component, f.key, sum(f.tracked_quantity) as tracked_quantity, sum(f.billed_quantity) as billed_quantity,
      sum(f.tracked) as tracked, sum(f.billed) as billed, sum(f.tolerance) as tolerance,
      f.day + 2 <= (v_synced_at at time zone 'UTC') and f.day < v_covered_to as is_settled
    from facts f
    group by f.day, f.model, f.component, f.key
  ),
  parts as (
    select c.*, c.billed - c.tracked as difference,
      case when c.is_settled then coalesce(e.tier, 0) else 0 end as tier,
      case when c.is_settled then coalesce(e.timing, 0) when abs(c.billed - c.tracked) > c.tolerance then c.billed - c.tracked else 0 end as timing,
      case when c.is_settled then coalesce(e.untracked, 0) else 0 end as untracked,
      case when c.is_settled then coalesce(e.volume, 0) - coalesce(e.untracked, 0) else 0 end as not_reported,
      coalesce(e.volume_quantity, 0) as volume_quantity
    from cells c
    left join effects e on e.day = c.day and e.model = c.model and e.component = c.component and e.key = c.key
  ),
  rests as (
    select p.*, p.difference - p.tier - p.timing - p.untracked - p.not_reported as rest from parts p
  ),
  judged as (
    select r.*, case
      when r.rest = 0 then 'none'
      when abs(r.rest) <= r.tolerance and (r.volume_quantity = 0 or not r.is_settled) then 'rounding'
      when r.billed <> 0 and r.billed_quantity = 0 then 'not_reported'
      when r.tracked = 0 and r.tracked_quantity = 0 and r.volume_quantity > 0 then 'untracked'
      when r.billed = 0 and r.billed_quantity = 0 and r.volume_quantity <= 0 then 'not_reported'
      when abs(r.rest) <= r.tolerance then 'rounding'
      else 'rate'
    end as class
    from rests r
  )
  select p_organization_id, p_provider, j.day, j.model, j.component, j.key, j.tracked, j.billed,
    j.untracked + case j.class when 'untracked' then j.rest else 0 end,
    j.tier,
    case j.class when 'rate' then j.rest else 0 end,
    case j.class when 'rounding' then j.rest else 0 end,
    j.timing,
    j.not_reported + case j.class when 'not_reported' then j.rest else 0 end,
    j.tracked_quantity, j.billed_quantity, j.is_settled
  from judged j
  where j.tracked <> 0 or j.billed <> 0 or j.billed_quantity <> j.tracked_quantity;
  get diagnostics v_count = row_count;
  return v_count;
end
$$;
comment on function private.reconcile(uuid, text, date, date) is
  'Reconciles a provider for the months of the days [p_from, p_to) after reading the records of these days anew; returns the number of lines. The formula stands at the head of 82_reconciliation.sql. The same data give the same lines, however often it runs.';

create function private.reconciliation_remaining(
  p_organization_id uuid, p_from date, p_to date, p_provider text, p_models text[], p_keys text[], p_classes text[]
) returns table (
  provider text, day date, model text, component text, key text, tracked numeric, journaled numeric, billed numeric, difference numeric,
  untracked numeric, tier numeric, rate numeric, rounding numeric, timing numeric, not_reported numeric, tracked_quantity numeric,
  billed_quantity numeric, is_settled boolean
)
language plpgsql stable set search_path = '' set jit = off as $$
#variable_conflict use_column
begin
  return query
  select r.* from (
    select coalesce(l.provider, j.provider), coalesce(l.day, j.day), coalesce(l.model, j.model), coalesce(l.component, j.component),
      coalesce(l.key, j.key), coalesce(l.tracked, 0), coalesce(j.amount, 0), coalesce(l.billed, 0),
      coalesce(l.billed, 0) - coalesce(l.tracked, 0) - coalesce(j.amount, 0),
      coalesce(l.untracked, 0) - coalesce(j.untracked, 0) as untracked, coalesce(l.tier, 0) - coalesce(j.tier, 0) as tier,
      coalesce(l.rate, 0) - coalesce(j.rate, 0) as rate, coalesce(l.rounding, 0) - coalesce(j.rounding, 0) as rounding,
      coalesce(l.timing, 0) - coalesce(j.timing, 0) as timing, coalesce(l.not_reported, 0) - coalesce(j.not_reported, 0) as not_reported,
      coalesce(l.tracked_quantity, 0), coalesce(l.billed_quantity, 0), coalesce(l.is_settled, false)
    from (
      select * from private.reconciliation_lines l
      where l.organization_id = p_organization_id and l.day >= p_from and l.day < p_to and (p_provider is null or l.provider = p_provider)
        and (p_models is null or l.model = any (p_models)) and (p_keys is null or l.key = any (p_keys))
    ) l
    full join (
      select a.provider, a.day, a.model, a.component, a.key, sum(a.amount) as amount,
        sum(a.amount) filter (where a.class = 'untracked') as untracked, sum(a.amount) filter (where a.class = 'tier') as tier,
        sum(a.amount) filter (where a.class = 'rate') as rate, sum(a.amount) filter (where a.class = 'rounding') as rounding,
        sum(a.amount) filter (where a.class = 'timing') as timing, sum(a.amount) filter (where a.class = 'not_reported') as not_reported
      from private.cost_adjustment_lines a
      where a.organization_id = p_organization_id and a.day >= p_from and a.day < p_to and (p_provider is null or a.provider = p_provider)
        and (p_models is null or a.model = any (p_models)) and (p_keys is null or a.key = any (p_keys))
      group by a.provider, a.day, a.model, a.component, a.key
      having count(*) filter (where a.amount <> 0) > 0
    ) j on j.provider = l.provider and j.day = l.day and j.model = l.model and j.component = l.component and j.key = l.key
  ) r
  where p_classes is null
    or 'untracked' = any (p_classes) and r.untracked <> 0 or 'tier' = any (p_classes) and r.tier <> 0
    or 'rate' = any (p_classes) and r.rate <> 0 or 'rounding' = any (p_classes) and r.rounding <> 0
    or 'timing' = any (p_classes) and r.timing <> 0 or 'not_reported' = any (p_classes) and r.not_reported <> 0;
end
$$;
comment on function private.reconciliation_remaining(uuid, date, date, text, text[], text[], text[]) is
  'Lines of the days [p_from, p_to) with what the journal already took: difference = billed − tracked − journaled = the sum of the six classes. p_classes: only lines with something left in one of them; null filters do not filter.';

create function private.check_reconciliation(p_from date, p_to date, p_classes text[]) returns void
language plpgsql immutable set search_path = '' as $$
begin
  if p_from is null or p_to is null or p_from >= p_to or p_to - p_from > 400 then
    perform private.raise_error('invalid', 'Give a window of 1 to 400 days.', 'p_from');
  end if;
  if not p_classes <@ array['untracked', 'tier', 'rate', 'rounding', 'timing', 'not_reported'] then
    perform private.raise_error('invalid', 'classes are untracked, tier, rate, rounding, timing and not_reported.', 'p_classes');
  end if;
end
$$;
comment on function private.check_reconciliation(date, date, text[]) is 'Refuses windows and classes that no question about reconciliation takes.';

create function private.reconciliation(
  p_organization_id uuid, p_from date, p_to date, p_provider text, p_models text[], p_keys text[], p_classes text[], p_order text,
  p_limit integer, p_offset integer
) returns table (
  provider text, day date, model text, component text, key text, key_name text, tracked text, journaled text, billed text, difference text,
  untracked text, tier text, rate text, rounding text, timing text, not_reported text, tracked_quantity text, billed_quantity text,
  is_settled boolean, total_rows bigint
)
language plpgsql stable security definer set search_path = '' set jit = off as $$
#variable_conflict use_column
begin
  perform private.require_permission(p_organization_id, 'connections.read');
  perform private.check_reconciliation(p_from, p_to, p_classes);
  if p_order is null or p_order not in ('day', 'difference', 'billed', 'tracked', 'model') then
    perform private.raise_error('invalid', 'order must be day, difference, billed, tracked or model.', 'p_order');
  end if;
  return query
  select r.provider, r.day, r.model, r.component, r.key, coalesce(k.name, ''), trim_scale(r.tracked)::text, trim_scale(r.journaled)::text,
    trim_scale(r.billed)::text, trim_scale(r.difference)::text, trim_scale(r.untracked)::text, trim_scale(r.tier)::text,
    trim_scale(r.rate)::text, trim_scale(r.rounding)::text, trim_scale(r.timing)::text, trim_scale(r.not_reported)::text,
    trim_scale(r.tracked_quantity)::text, trim_scale(r.billed_quantity)::text, r.is_settled, count(*) over ()
  from private.reconciliation_remaining(p_organization_id, p_from, p_to, p_provider, p_models, p_keys, p_classes) r
  left join public.api_keys k on k.organization_id = p_organization_id and k.id::text = r.key
  order by case p_order when 'difference' then abs(r.difference) when 'billed' then r.billed when 'tracked' then r.tracked end desc nulls last,
    case when p_order = 'model' then r.model end, r.day desc, r.provider, r.model, r.component, r.key
  limit least(greatest(p_limit, 0), 5000) offset greatest(p_offset, 0);
end
$$;
comment on function private.reconciliation(uuid, date, date, text, text[], text[], text[], text, integer, integer) is 'Body of public.reconciliation.';

create function public.reconciliation(
  p_organization_id uuid, p_from date, p_to date, p_provider text default null, p_models text[] default null, p_keys text[] default null,
  p_classes text[] default null, p_order text default 'day', p_limit integer default 200, p_offset integer default 0
) returns table (
  provider text, day date, model text, component text, key text, key_name text, tracked text, journaled text, billed text, difference text,
  untracked text, tier text, rate text, rounding text, timing text, not_reported text, tracked_quantity text, billed_quantity text,
  is_settled boolean, total_rows bigint
)
language sql stable security invoker set search_path = '' as $$
  select * from private.reconciliation(p_organization_id, p_from, p_to, p_provider, p_models, p_keys, p_classes, p_order, p_limit, p_offset)
$$;
comment on function public.reconciliation(uuid, date, date, text, text[], text[], text[], text, integer, integer) is
  'What did we track, what was billed, and why do they differ? One row per UTC day in [p_from, p_to), line and key; difference = billed − tracked − journaled = untracked + tier + rate + rounding + timing + not_reported, exactly. p_classes keeps lines with something left in one of these; p_order: day (newest first), difference (largest first), billed, tracked, model. total_rows counts before p_limit and p_offset. Codes: not_found, forbidden, invalid.';

create function private.reconciliation_summary(
  p_organization_id uuid, p_from date, p_to date, p_provider text, p_models text[], p_keys text[], p_classes text[]
) returns table (
  tracked text, journaled text, billed text, difference text, untracked text, tier text, rate text, rounding text, timing text,
  not_reported text, adjustable text, shown_before text, shown_after text, lines bigint, open_lines bigint, unsettled_lines bigint,
  first_day date, last_day date
)
language plpgsql stable security definer set search_path = '' set jit = off as $$
#variable_conflict use_column
begin
  perform private.require_permission(p_organization_id, 'connections.read');
  perform private.check_reconciliation(p_from, p_to, p_classes);
  return query
  select trim_scale(t.tracked)::text, trim_scale(t.journaled)::text, trim_scale(t.billed)::text, trim_scale(t.difference)::text,
    trim_scale(t.untracked)::text, trim_scale(t.tier)::text, trim_scale(t.rate)::text, trim_scale(t.rounding)::text,
    trim_scale(t.timing)::text, trim_scale(t.not_reported)::text, trim_scale(t.adjustable)::text,
    trim_scale(t.tracked + t.journaled)::text, trim_scale(t.tracked + t.journaled + t.adjustable)::text, t.lines, t.open_lines,
    t.unsettled_lines, t.first_day, t.last_day
  from (
    select coalesce(sum(r.tracked), 0) as tracked, coalesce(sum(r.journaled), 0) as journaled, coalesce(sum(r.billed), 0) as billed,
      coalesce(sum(r.difference), 0) as difference, coalesce(sum(r.untracked), 0) as untracked, coalesce(sum(r.tier), 0) as tier,
      coalesce(sum(r.rate), 0) as rate, coalesce(sum(r.rounding), 0) as rounding, coalesce(sum(r.timing), 0) as timing,
      coalesce(sum(r.not_reported), 0) as not_reported, coalesce(sum(v.adjustable), 0) as adjustable, count(*) as lines,
      count(*) filter (where r.difference <> 0) as open_lines, count(*) filter (where not r.is_settled) as unsettled_lines,
      min(r.day) as first_day, max(r.day) as last_day
    from private.reconciliation_remaining(p_organization_id, p_from, p_to, p_provider, p_models, p_keys, p_classes) r
    cross join lateral (
      select sum(c.amount) as adjustable
      from (values ('untracked', r.untracked), ('tier', r.tier), ('rate', r.rate), ('rounding', r.rounding), ('timing', r.timing),
        ('not_reported', r.not_reported)) c (class, amount)
      where p_classes is null or c.class = any (p_classes)
    ) v
  ) t;
end
$$;
comment on function private.reconciliation_summary(uuid, date, date, text, text[], text[], text[]) is 'Body of public.reconciliation_summary.';

create function public.reconciliation_summary(
  p_organization_id uuid, p_from date, p_to date, p_provider text default null, p_models text[] default null, p_keys text[] default null,
  p_classes text[] default null
) returns table (
  tracked text, journaled text, billed text, difference text, untracked text, tier text, rate text, rounding text, timing text,
  not_reported text, adjustable text, shown_before text, shown_after text, lines bigint, open_lines bigint, unsettled_lines bigint,
  first_day date, last_day date
)
language sql stable security invoker set search_path = '' as $$
  select * from private.reconciliation_summary(p_organization_id, p_from, p_to, p_provider, p_models, p_keys, p_classes)
$$;
comment on function public.reconciliation_summary(uuid, date, date, text, text[], text[], text[]) is
  'The sums of public.reconciliation over the same window and filters, and the preview of an adjustment of them: adjustable is what public.adjust_to_bill would enter (the chosen classes of these lines), shown_before and shown_after what totals show of these lines. One row. Codes: not_found, forbidden, invalid.';

create function private.refresh_reconciliation(p_organization_id uuid, p_from date, p_to date) returns integer
language plpgsql security definer set search_path = '' as $$
declare
  v_provider text;
  v_count integer := 0;
begin
  perform private.require_permission(p_organization_id, 'connections.read');
  perform private.check_reconciliation(p_from, p_to, null);
  for v_provider in select distinct c.provider from public.connections c where c.organization_id = p_organization_id order by 1 loop
    v_count := v_count + private.reconcile(p_organization_id, v_provider, p_from, p_to);
  end loop;
  return v_count;
end
$$;
comment on function private.refresh_reconciliation(uuid, date, date) is 'Body of public.refresh_reconciliation.';

create function public.refresh_reconciliation(p_organization_id uuid, p_from date, p_to date) returns integer
language sql security invoker set search_path = '' as $$
  select private.refresh_reconciliation(p_organization_id, p_from, p_to)
$$;
comment on function public.refresh_reconciliation(uuid, date, date) is
  'Reads the tracked usage of the days anew (late events, new prices) and reconciles; returns the number of lines. Every sync does it for the days it fetches. Codes: not_found, forbidden, invalid.';

grant execute on function
  private.reconciliation(uuid, date, date, text, text[], text[], text[], text, integer, integer),
  public.reconciliation(uuid, date, date, text, text[], text[], text[], text, integer, integer),
  private.reconciliation_summary(uuid, date, date, text, text[], text[], text[]),
  public.reconciliation_summary(uuid, date, date, text, text[], text[], text[]),
  private.refresh_reconciliation(uuid, date, date), public.refresh_reconciliation(uuid, date, date)
to authenticated;
