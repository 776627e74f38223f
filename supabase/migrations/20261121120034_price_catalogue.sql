-- The price list comes as one document and is imported as a whole: what is new goes live, what is equal stays, what moves too
-- far is held for a person to decide.

create table private.price_quarantine (
  id bigint generated always as identity primary key,
  platform text not null,
  model text not null,
  rates jsonb not null,
  diff jsonb not null,
  source text not null,
  held_at timestamptz not null default clock_timestamp(),
  decided_at timestamptz,
  decision text check (decision in ('approved', 'rejected')),
  decided_by text,
  check ((decided_at is null) = (decision is null))
);
create unique index price_quarantine_open on private.price_quarantine (platform, model) where decided_at is null;
comment on table private.price_quarantine is
  'Catalogue changes that wait for a person: they move a price by more than a fifth or drop a price somebody is charged by. diff: [{reason: moved|dropped, unit, service_tier, region, context_tokens, was, becomes}]. A later import of the same model replaces the open row.';

create type private.imported_rate as (
  platform text, model text, unit text, service_tier text, region text, context_tokens int8range, time_zone text,
  week_seconds int4multirange, rate numeric, per integer, minimum_quantity numeric, valid tstzrange, source text, source_checked_on date
);

create function private.read_imported_rates(p_rates jsonb) returns setof private.imported_rate
language sql immutable set search_path = ''
as $$
  select r.platform, r.model, r.unit, coalesce(r.service_tier, 'standard'), coalesce(r.region, ''),
    coalesce(r.context_tokens, int8range(0, null)), coalesce(r.time_zone, 'UTC'),
    coalesce(r.week_seconds, int4multirange(int4range(0, 604800))), trim_scale(r.rate), coalesce(r.per, 1), r.minimum_quantity,
    coalesce(r.valid, tstzrange(null, null)), r.source, r.source_checked_on
  from jsonb_populate_recordset(null::private.imported_rate, p_rates) r
$$;
comment on function private.read_imported_rates(jsonb) is 'Rows of an import with their defaults: any time, any size, everywhere, standard tier.';

create function private.replace_model_rates(p_rates jsonb, p_known_at timestamptz) returns integer
language plpgsql volatile set search_path = ''
as $$
declare
  v_changed integer;
begin
  with incoming as (
    select * from private.read_imported_rates(p_rates)
  ),
  closed as (
    update private.price_rates l set known = tstzrange(lower(l.known), p_known_at)
    where l.origin = 'catalogue' and upper_inf(l.known)
      and (l.platform, l.model) in (select i.platform, i.model from incoming i)
      and not exists (
        select from incoming i
        where i.platform = l.platform and i.model = l.model and i.unit = l.unit and i.service_tier = l.service_tier and i.region = l.region
          and i.context_tokens = l.context_tokens and i.time_zone = l.time_zone and i.week_seconds = l.week_seconds and i.valid = l.valid
          and i.rate = l.rate and i.per = l.per and i.minimum_quantity is not distinct from l.minimum_quantity
      )
    returning l.id
  )
  select count(*) into v_changed from closed;

  insert into private.price_rates (platform, model, unit, service_tier, region, context_tokens, time_zone, week_seconds, rate, per,
    minimum_quantity, valid, known, origin, source, source_checked_on)
  select i.platform, i.model, i.unit, i.service_tier, i.region, i.context_tokens, i.time_zone, i.week_seconds, i.rate, i.per,
    i.minimum_quantity, i.valid, tstzrange(p_known_at, null), 'catalogue', i.source, i.source_checked_on
  from private.read_imported_rates(p_rates) i
  where not exists (
    -- Equal and live, or a person has set a price of their own there.
    select from private.price_rates l
    where l.platform = i.platform and l.model = i.model and l.unit = i.unit and l.service_tier = i.service_tier and l.region = i.region
      and upper_inf(l.known) and l.context_tokens && i.context_tokens and l.week_seconds && i.week_seconds and l.valid && i.valid
  );
  return v_changed;
end
$$;
comment on function private.replace_model_rates(jsonb, timestamptz) is
  'Makes the live catalogue rows of the models in p_rates equal to p_rates: closes what differs, adds what is new, touches nothing that is equal. Returns how many rows it closed.';

create function private.diff_model_rates(p_rates jsonb) returns table (platform text, model text, diff jsonb)
language sql stable set search_path = ''
as $$
  with incoming as materialized (
    select * from private.read_imported_rates(p_rates)
  ),
  live as materialized (
    select l.*
    from private.price_rates l
    where l.origin = 'catalogue' and upper_inf(l.known)
      and (l.platform, l.model) in (select i.platform, i.model from incoming i)
  ),
  moved as (
    select l.platform, l.model, l.unit, l.service_tier, l.region, l.context_tokens, l.rate as was, l.per as was_per, i.rate as becomes, i.per as becomes_per
    from live l
    join incoming i on i.platform = l.platform and i.model = l.model and i.unit = l.unit and i.service_tier = l.service_tier
      and i.region = l.region and i.context_tokens && l.context_tokens and i.week_seconds && l.week_seconds and i.valid && l.valid
    where abs(i.rate * l.per - l.rate * i.per) > 0.2 * l.rate * i.per
  ),
  dropped as (
    select l.platform, l.model, l.unit, l.service_tier, l.region, l.context_tokens, l.rate as was
    from live l
    where not exists (
      select from incoming i
      where i.platform = l.platform and i.model = l.model and i.unit = l.unit and i.service_tier = l.service_tier and i.region = l.region
        and (lower_inf(l.context_tokens) or lower(l.context_tokens) = 0 or exists (
          select from incoming e
          where e.platform = l.platform and e.model = l.model and e.unit = l.unit and e.service_tier = l.service_tier and e.region = l.region
            and lower(e.context_tokens) = lower(l.context_tokens)
        ))
    )
  )
  select d.platform, d.model, jsonb_agg(d.line order by d.line ->> 'unit', d.line::text)
  from (
    select m.platform, m.model, jsonb_build_object('reason', 'moved', 'unit', m.unit, 'service_tier', m.service_tier, 'region', m.region,
      'context_tokens', m.context_tokens, 'was', m.was::text, 'becomes', m.becomes::text) as line
    from moved m
    union
    select d.platform, d.model, jsonb_build_object('reason', 'dropped', 'unit', d.unit, 'service_tier', d.service_tier, 'region', d.region,
      'context_tokens', d.context_tokens, 'was', d.was::text)
    from dropped d
  ) d
  group by d.platform, d.model
$$;
comment on function private.diff_model_rates(jsonb) is
  'Models whose live catalogue price an import would move by more than 20 % at some time, or which it would rob of a unit, tier, region or context bucket.';

create function private.import_price_catalogue(p_book jsonb, p_source text, p_known_at timestamptz default null)
returns table (rates_live integer, models_held integer, aliases_live integer)
language plpgsql volatile set search_path = ''
as $$
declare
  v_known_at timestamptz;
  v_rates jsonb := p_book -> 'rates';
  v_go jsonb;
begin
  perform private.lock_price_book(true);
  v_known_at := coalesce(p_known_at, clock_timestamp());

  insert into private.provider_aliases (alias, platform, is_exact, known, source)
  select a.alias, a.platform, true, tstzrange(v_known_at, null), a.source
  from jsonb_to_recordset(p_book -> 'providers') as a (alias text, platform text, source text)
  where not exists (select from private.provider_aliases l where l.alias = a.alias and upper_inf(l.known));

  insert into private.platform_fallbacks (platform, position, fallback_platform, source)
  select f.platform, f.position, f.fallback_platform, f.source
  from jsonb_to_recordset(p_book -> 'fallbacks') as f (platform text, position smallint, fallback_platform text, source text)
  on conflict (platform, position) do nothing;

  insert into private.price_multipliers (platform, model_pattern, service_tier, region_pattern, factor, step, label, valid, known, source, source_checked_on)
  select m.platform, m.model_pattern, m.service_tier, m.region_pattern, m.factor, m.step, m.label, coalesce(m.valid, tstzrange(null, null)),
    tstzrange(v_known_at, null), m.source, m.source_checked_on
  from jsonb_to_recordset(p_book -> 'multipliers') as m (platform text, model_pattern text, service_tier text, region_pattern text,
    factor numeric, step smallint, label text, valid tstzrange, source text, source_checked_on date)
  where not exists (
    select from private.price_multipliers l
    where upper_inf(l.known) and l.platform = m.platform and l.label = m.label and l.step = m.step
      and l.model_pattern is not distinct from m.model_pattern and l.service_tier is not distinct from m.service_tier
      and l.region_pattern is not distinct from m.region_pattern
  );

  -- Names of a listed model are replaced as a whole; a model the list has forgotten keeps its names as it keeps its prices.
  with incoming as materialized (
    select * from jsonb_to_recordset(p_book -> 'aliases') as a (platform text, position integer, name text, likes text[], patterns text[], model text, is_exact boolean)
  )
  update private.model_aliases l set known = tstzrange(lower(l.known), v_known_at)
  where l.origin = 'catalogue' and upper_inf(l.known)
    and exists (select from incoming i where i.platform = l.platform and (i.model = l.model or i.name = l.name))
    and not exists (
      select from incoming i
      where i.platform = l.platform and i.position = l.position and i.model = l.model and i.is_exact = l.is_exact
        and i.name is not distinct from l.name and i.likes is not distinct from l.likes and i.patterns is not distinct from l.patterns
    );
  insert into private.model_aliases (platform, position, name, likes, patterns, model, is_exact, known, origin, source)
  select i.platform, i.position, i.name, i.likes, i.patterns, i.model, i.is_exact, tstzrange(v_known_at, null), 'catalogue', coalesce(i.source, p_source)
  from jsonb_to_recordset(p_book -> 'aliases') as i (platform text, position integer, name text, likes text[], patterns text[], model text,
    is_exact boolean, source text)
  where not exists (
    select from private.model_aliases l
    where upper_inf(l.known) and l.platform = i.platform and (
      l.name = i.name or i.name is null and l.name is null and l.likes is not distinct from i.likes
        and l.patterns is not distinct from i.patterns and l.position = i.position and l.model = i.model
    )
  );

  update private.price_quarantine q set decided_at = v_known_at, decision = 'rejected', decided_by = 'replaced by a later import'
  where q.decided_at is null
    and exists (select from jsonb_to_recordset(v_rates) as r (platform text, model text) where r.platform = q.platform and r.model = q.model);
  insert into private.price_quarantine (platform, model, rates, diff, source, held_at)
  select d.platform, d.model,
    (select jsonb_agg(r) from jsonb_array_elements(v_rates) r where r ->> 'platform' = d.platform and r ->> 'model' = d.model),
    d.diff, p_source, v_known_at
  from private.diff_model_rates(v_rates) d;
  get diagnostics models_held = row_count;

  select coalesce(jsonb_agg(r), '[]') into v_go
  from jsonb_array_elements(v_rates) r
  where not exists (
    select from private.price_quarantine q
    where q.decided_at is null and q.platform = r ->> 'platform' and q.model = r ->> 'model'
  );
  perform private.replace_model_rates(v_go, v_known_at);

  select count(*) into rates_live from private.price_rates r where upper_inf(r.known);
  select count(*) into aliases_live from private.model_aliases a where upper_inf(a.known);
  return next;
end
$$;
comment on function private.import_price_catalogue(jsonb, text, timestamptz) is
  'Imports a price list {providers, fallbacks, multipliers, aliases, rates}. Importing the same list twice changes nothing. A model that is missing from a list keeps its prices; a model whose price moves by more than 20 % or loses a price is held in price_quarantine.';

create function private.decide_price_quarantine(p_id bigint, p_approve boolean, p_decided_by text) returns void
language plpgsql volatile set search_path = ''
as $$
declare
  v_held private.price_quarantine;
begin
  perform private.lock_price_book(true);
  update private.price_quarantine set decided_at = clock_timestamp(), decision = case when p_approve then 'approved' else 'rejected' end,
    decided_by = p_decided_by
  where id = p_id and decided_at is null
  returning * into v_held;
  if v_held.id is null then
    raise exception 'price_quarantine % waits for no decision', p_id using errcode = 'no_data_found';
  end if;
  if p_approve then
    perform private.replace_model_rates(v_held.rates, clock_timestamp());
  end if;
end
$$;
comment on function private.decide_price_quarantine(bigint, boolean, text) is 'A person lets a held price change go live, or drops it.';
