-- A day that is not settled, but off by no more than rounding, is rounding.

create or replace function private.reconcile(p_organization_id uuid, p_provider text, p_from date, p_to date) returns integer
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
