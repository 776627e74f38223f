-- Changing the price book: rows are closed and superseded, every change empties the cache of cards it may touch and leaves a
-- line in price_changes, from which usage that had no price heals.

create table private.price_changes (
  id bigint generated always as identity primary key,
  platform text,
  model text,
  organization_id uuid,
  valid tstzrange,
  changed_at timestamptz not null default clock_timestamp(),
  healed_at timestamptz
);
create index price_changes_unhealed on private.price_changes (id) where healed_at is null;
comment on table private.price_changes is
  'What changed: platform and model (null = any), for one organization (null = all), for usage within valid (null = any time). healed_at is set by the job that prices what was unpriced.';

create function private.hold_price_book() returns trigger
language plpgsql set search_path = ''
as $$
begin
  perform private.lock_price_book(true);
  return null;
end
$$;
comment on function private.hold_price_book() is 'Before-statement trigger: no card may be looked up into the index until this change is committed.';

create function private.note_rate_change() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  insert into private.price_changes (platform, model, valid)
  select c.platform, c.model, range_merge(range_agg(c.valid)) from changed c group by c.platform, c.model;
  delete from private.price_card_index where exists (select from changed);
  return null;
end
$$;
comment on function private.note_rate_change() is 'After-statement trigger of price_rates.';

create function private.note_alias_change() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  insert into private.price_changes (platform, model)
  select distinct c.platform, c.model from changed c;
  delete from private.price_card_index where exists (select from changed);
  return null;
end
$$;
comment on function private.note_alias_change() is 'After-statement trigger of model_aliases.';

create function private.note_platform_change() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  insert into private.price_changes (platform)
  select distinct c.platform from changed c;
  delete from private.price_card_index where exists (select from changed);
  return null;
end
$$;
comment on function private.note_platform_change() is 'After-statement trigger of provider_aliases, platform_fallbacks and price_multipliers.';

create function private.note_contract_change() returns trigger
language plpgsql security definer set search_path = ''
as $$
begin
  insert into private.price_changes (platform, model, organization_id, valid)
  select c.platform, c.model, c.organization_id, range_merge(range_agg(c.valid)) from changed c group by c.platform, c.model, c.organization_id;
  delete from private.price_card_index i where i.organization_id in (select c.organization_id from changed c);
  return null;
end
$$;
comment on function private.note_contract_change() is 'After-statement trigger of price_contracts.';

do $$
declare
  v_table text;
  v_note text;
  v_verb text;
begin
  foreach v_table in array array['price_rates', 'model_aliases', 'provider_aliases', 'platform_fallbacks', 'price_multipliers', 'price_contracts'] loop
    v_note := case v_table
      when 'price_rates' then 'note_rate_change'
      when 'model_aliases' then 'note_alias_change'
      when 'price_contracts' then 'note_contract_change'
      else 'note_platform_change'
    end;
    execute format('create trigger hold_price_book before insert or update or delete on private.%I for each statement execute function private.hold_price_book()', v_table);
    foreach v_verb in array array['insert', 'update', 'delete'] loop
      execute format(
        'create trigger note_%s after %s on private.%I referencing %s table as changed for each statement execute function private.%I()',
        v_verb, v_verb, v_table, case v_verb when 'delete' then 'old' else 'new' end, v_note
      );
    end loop;
  end loop;
end
$$;

create function private.refuse_price_edit() returns trigger
language plpgsql set search_path = ''
as $$
begin
  if tg_op = 'DELETE' then
    raise exception 'rows of % are closed, never deleted', tg_table_name using errcode = 'restrict_violation';
  end if;
  if (to_jsonb(new) - array['known', 'superseded_by', 'identity']) is distinct from (to_jsonb(old) - array['known', 'superseded_by', 'identity'])
    or lower(new.known) is distinct from lower(old.known) or not upper_inf(old.known) and new.known is distinct from old.known then
    raise exception 'rows of % are closed and superseded, never edited', tg_table_name using errcode = 'restrict_violation';
  end if;
  return new;
end
$$;
comment on function private.refuse_price_edit() is 'Row trigger: the only change a price row knows is that its known range ends.';

create trigger refuse_edit before update or delete on private.price_rates for each row execute function private.refuse_price_edit();
create trigger refuse_edit before update or delete on private.price_multipliers for each row execute function private.refuse_price_edit();
create trigger refuse_edit before update or delete on private.model_aliases for each row execute function private.refuse_price_edit();
create trigger refuse_edit before update or delete on private.provider_aliases for each row execute function private.refuse_price_edit();
create trigger refuse_edit before update on private.price_contracts for each row execute function private.refuse_price_edit();

create function private.refuse_card_edit() returns trigger
language plpgsql set search_path = ''
as $$
begin
  raise exception 'a price card never changes; usage records point at it' using errcode = 'restrict_violation';
end
$$;
comment on function private.refuse_card_edit() is 'Row trigger: cards are immutable.';
create trigger refuse_edit before update or delete on private.price_cards for each row execute function private.refuse_card_edit();

create function private.put_price_rate(
  p_platform text, p_model text, p_unit text, p_rate numeric,
  p_valid tstzrange default null, p_service_tier text default 'standard', p_region text default '',
  p_context_tokens int8range default null, p_time_zone text default 'UTC', p_week_seconds int4multirange default null,
  p_per integer default 1, p_minimum_quantity numeric default null, p_source text default 'manual', p_source_checked_on date default null,
  p_known_at timestamptz default null
) returns bigint
language plpgsql volatile set search_path = ''
as $$
declare
  v_valid tstzrange := coalesce(p_valid, tstzrange(null, null));
  v_context int8range := coalesce(p_context_tokens, int8range(0, null));
  v_week int4multirange := coalesce(p_week_seconds, int4multirange(int4range(0, 604800)));
  v_known_at timestamptz;
  v_old private.price_rates;
  v_id bigint;
  v_rest tstzrange;
  v_closed bigint[] := '{}';
begin
  perform private.lock_price_book(true);
  v_known_at := coalesce(p_known_at, clock_timestamp());

  for v_old in
    select r.* from private.price_rates r
    where r.platform = p_platform and r.model = p_model and r.unit = p_unit and r.service_tier = p_service_tier and r.region = p_region
      and r.valid && v_valid and r.context_tokens && v_context and r.week_seconds && v_week and upper_inf(r.known)
    order by r.id
  loop
    if v_old.rate = p_rate and v_old.per = p_per and v_old.valid @> v_valid and v_old.context_tokens = v_context
      and v_old.week_seconds = v_week and v_old.time_zone = p_time_zone and v_old.minimum_quantity is not distinct from p_minimum_quantity then
      return v_old.id;
    end if;
    if v_old.context_tokens <> v_context or v_old.week_seconds <> v_week or v_old.time_zone <> p_time_zone then
      raise exception 'price_rates % has another context bucket or time window than the new price; close it first', v_old.id
        using errcode = 'exclusion_violation';
    end if;
    if v_known_at <= lower(v_old.known) then
      raise exception 'price_rates % is known since %, a price cannot be superseded before that', v_old.id, lower(v_old.known)
        using errcode = 'data_exception';
    end if;
    update private.price_rates set known = tstzrange(lower(known), v_known_at) where id = v_old.id;
    v_closed := v_closed || v_old.id;
    -- What the old price still says about the time before and after the new one is known from now on as rows of its own.
    for v_rest in select unnest(tstzmultirange(v_old.valid) - tstzmultirange(v_valid)) loop
      insert into private.price_rates (platform, model, unit, service_tier, region, context_tokens, time_zone, week_seconds, rate, per,
        minimum_quantity, valid, known, origin, source, source_checked_on)
      values (v_old.platform, v_old.model, v_old.unit, v_old.service_tier, v_old.region, v_old.context_tokens, v_old.time_zone,
        v_old.week_seconds, v_old.rate, v_old.per, v_old.minimum_quantity, v_rest, tstzrange(v_known_at, null), 'manual', v_old.source,
        v_old.source_checked_on);
    end loop;
  end loop;

  insert into private.price_rates (platform, model, unit, service_tier, region, context_tokens, time_zone, week_seconds, rate, per,
    minimum_quantity, valid, known, source, source_checked_on)
  values (p_platform, p_model, p_unit, p_service_tier, p_region, v_context, p_time_zone, v_week, trim_scale(p_rate), p_per,
    p_minimum_quantity, v_valid, tstzrange(v_known_at, null), p_source, p_source_checked_on)
  returning id into v_id;
  update private.price_rates set superseded_by = v_id where id = any(v_closed);
  return v_id;
end
$$;
comment on function private.put_price_rate(text, text, text, numeric, tstzrange, text, text, int8range, text, int4multirange, integer, numeric, text, date, timestamptz) is
  'Says that a unit costs p_rate US dollars per p_per during p_valid. What was believed about that time is closed now and superseded; what it said about other times lives on. Returns the row that now says so (the same one when nothing changes).';

create function private.supersede_price_rate(
  p_id bigint, p_rate numeric, p_from timestamptz default null, p_source text default 'manual', p_known_at timestamptz default null
) returns bigint
language plpgsql volatile set search_path = ''
as $$
declare
  v_old private.price_rates;
begin
  perform private.lock_price_book(true);
  select * into v_old from private.price_rates where id = p_id and upper_inf(known);
  if v_old.id is null then
    raise exception 'price_rates % is not in force', p_id using errcode = 'no_data_found';
  end if;
  return private.put_price_rate(v_old.platform, v_old.model, v_old.unit, p_rate,
    v_old.valid * tstzrange(p_from, null), v_old.service_tier, v_old.region, v_old.context_tokens, v_old.time_zone, v_old.week_seconds,
    v_old.per, v_old.minimum_quantity, p_source, current_date, p_known_at);
end
$$;
comment on function private.supersede_price_rate(bigint, numeric, timestamptz, text, timestamptz) is
  'The price of one row changed from p_from on (null = over its whole validity: it was wrong from the start).';

create function private.close_price_rate(p_id bigint, p_at timestamptz default null, p_known_at timestamptz default null) returns void
language plpgsql volatile set search_path = ''
as $$
declare
  v_old private.price_rates;
  v_known_at timestamptz;
begin
  perform private.lock_price_book(true);
  v_known_at := coalesce(p_known_at, clock_timestamp());
  update private.price_rates set known = tstzrange(lower(known), v_known_at)
  where id = p_id and upper_inf(known)
  returning * into v_old;
  if v_old.id is null then
    raise exception 'price_rates % is not in force', p_id using errcode = 'no_data_found';
  end if;
  if p_at is not null and lower(v_old.valid) is distinct from p_at and v_old.valid @> p_at then
    insert into private.price_rates (platform, model, unit, service_tier, region, context_tokens, time_zone, week_seconds, rate, per,
      minimum_quantity, valid, known, origin, source, source_checked_on)
    values (v_old.platform, v_old.model, v_old.unit, v_old.service_tier, v_old.region, v_old.context_tokens, v_old.time_zone,
      v_old.week_seconds, v_old.rate, v_old.per, v_old.minimum_quantity, tstzrange(lower(v_old.valid), p_at), tstzrange(v_known_at, null),
      'manual', v_old.source, v_old.source_checked_on);
  end if;
end
$$;
comment on function private.close_price_rate(bigint, timestamptz, timestamptz) is
  'A price ends at p_at; without p_at it never was charged. Nothing is deleted: until now it was known otherwise.';

create function private.prune_price_card_index(p_older_than interval default interval '7 days') returns integer
language plpgsql volatile set search_path = ''
as $$
declare
  v_pruned integer;
begin
  delete from private.price_card_index where created_at < now() - p_older_than;
  get diagnostics v_pruned = row_count;
  return v_pruned;
end
$$;
comment on function private.prune_price_card_index(interval) is
  'Keeps the cache of cards from growing with every window of the week and every misspelt model; what is needed again is looked up again. For a daily job.';
