-- Month close. A closed month keeps its statement for ever; what changes afterwards (late arrivals, prices found later, re-ratings)
-- is posted into the month that is open. So all statements together are always everything there is.

create table private.closed_periods (
  organization_id uuid not null references public.organizations (id) on delete cascade,
  period_from timestamptz not null,
  period_to timestamptz not null check (period_to > period_from),
  time_zone text not null,
  requests bigint not null,
  unpriced_requests bigint not null,
  cost numeric not null,
  carried numeric not null,
  posted numeric not null,
  closed_at timestamptz not null default clock_timestamp(),
  closed_by uuid,
  closed_by_label text not null,
  primary key (organization_id, period_from)
);
comment on table private.closed_periods is
  'Statements of closed months, one after the other without a gap. cost: its own records and journal when it was closed; carried: what had changed in months closed before (late arrivals, prices found later, adjustments); posted: differences of re-ratings of closed months. The statement''s total is the sum of the three.';
create trigger audit after insert or update or delete on private.closed_periods
for each row execute function private.write_audit('closed_period', 'period_from');

create table private.period_postings (
  id bigint generated always as identity primary key,
  organization_id uuid not null references public.organizations (id) on delete cascade,
  re_rating_id uuid not null,
  posted_at timestamptz not null default clock_timestamp(),
  amount numeric not null,
  foreign key (organization_id, re_rating_id) references private.re_ratings (organization_id, id) on delete cascade
);
create index period_postings_organization on private.period_postings (organization_id, posted_at);
create index period_postings_re_rating on private.period_postings (organization_id, re_rating_id);
comment on table private.period_postings is
  'Differences that a re-rating found in closed months: their records stay as they were stated, the amount counts in the month that was open.';

create function private.keep_statement() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'DELETE' and not exists (select from public.organizations o where o.id = old.organization_id) then
    return old; -- it goes with its organization, and only then
  end if;
  raise exception 'A closed month is closed.' using errcode = '42501';
end
$$;
comment on function private.keep_statement() is 'Trigger: no statement and no posting is ever changed or removed.';
create trigger keep_statement before update or delete on private.closed_periods for each row execute function private.keep_statement();
create trigger keep_statement before update or delete on private.period_postings for each row execute function private.keep_statement();

create function private.hold_periods(p_organization_id uuid, p_is_exclusive boolean) returns void
language plpgsql volatile set search_path = '' as $$
begin
  if p_is_exclusive then
    perform pg_advisory_xact_lock(hashtextextended('private.closed_periods ' || p_organization_id, 0));
  else
    perform pg_advisory_xact_lock_shared(hashtextextended('private.closed_periods ' || p_organization_id, 0));
  end if;
end
$$;
comment on function private.hold_periods(uuid, boolean) is 'Until the end of the transaction: exclusive for closing a month, shared for a step of a re-rating.';

create function private.post_to_open_period(p_organization_id uuid, p_re_rating_id uuid, p_amount numeric) returns void
language sql volatile set search_path = '' as $$
  insert into private.period_postings (organization_id, re_rating_id, amount) values (p_organization_id, p_re_rating_id, p_amount)
$$;
comment on function private.post_to_open_period(uuid, uuid, numeric) is 'Notes what a re-rating would have changed in closed months.';

create function private.period_figures(
  p_organization_id uuid, p_from timestamptz, p_to timestamptz,
  out requests bigint, out unpriced_requests bigint, out cost numeric
)
language sql stable set search_path = '' as $$
  select coalesce(sum(t.requests), 0)::bigint, coalesce(sum(t.unpriced_requests), 0)::bigint,
    coalesce(sum(t.cost_input + t.cost_cached_input + t.cost_cache_write + t.cost_output + t.cost_other), 0)
      + (select coalesce(sum(l.amount), 0) from private.cost_adjustment_lines l
        where l.organization_id = p_organization_id and l."timestamp" >= p_from and l."timestamp" < p_to)
  from private.usage_rollups t
  where t.rollup = 'total' and t.organization_id = p_organization_id and t.bucket >= p_from and t.bucket < p_to
$$;
comment on function private.period_figures(uuid, timestamptz, timestamptz) is 'What a month comes to now: its records, from the buckets that make it up, and the journal beside them.';

create function private.period_statements(p_organization_id uuid) returns table (
  period_from timestamptz, period_to timestamptz, state text, requests bigint, unpriced_requests bigint, cost numeric, carried numeric,
  posted numeric, closed_at timestamptz, closed_by text
)
language plpgsql stable set search_path = '' as $$
#variable_conflict use_column
declare
  v_zone text;
  v_first timestamptz;
  v_open timestamptz;
  v_drift numeric;
begin
  select s.time_zone into v_zone from private.usage_settings s where s.organization_id = p_organization_id;
  -- What closed months have come to differ from their statements, less what later statements have taken over already.
  select max(c.period_to), coalesce(sum(f.cost - c.cost - c.carried), 0) into v_open, v_drift
  from private.closed_periods c
  cross join lateral private.period_figures(p_organization_id, c.period_from, c.period_to) f
  where c.organization_id = p_organization_id;
  select least(coalesce(v_open, 'infinity'), min(t.bucket)) into v_first
  from private.usage_rollups t where t.rollup = 'total' and t.organization_id = p_organization_id;
  if v_open is null then
    v_open := date_trunc('month', v_first, v_zone);
  end if;
  return query
  select c.period_from, c.period_to, 'closed', c.requests, c.unpriced_requests, c.cost, c.carried, c.posted, c.closed_at, c.closed_by_label
  from private.closed_periods c where c.organization_id = p_organization_id
  union all
  select m.opens, m.closes, case when m.opens = v_open then 'open' else 'ahead' end, f.requests, f.unpriced_requests, f.cost,
    case when m.opens = v_open then v_drift else 0 end,
    case when m.opens = v_open then (select coalesce(sum(p.amount), 0) from private.period_postings p
      where p.organization_id = p_organization_id)
      - (select coalesce(sum(c.posted), 0) from private.closed_periods c where c.organization_id = p_organization_id) else 0 end,
    null, null
  from (
    select g at time zone v_zone as opens, (g + interval '1 month') at time zone v_zone as closes
    from generate_series(v_open at time zone v_zone, date_trunc('month', now() at time zone v_zone), interval '1 month') g
  ) m
  cross join lateral private.period_figures(p_organization_id, m.opens, m.closes) f;
end
$$;
comment on function private.period_statements(uuid) is
  'Closed months as stated, then the open one with what was carried and posted into it, then those after it. The sum of cost, carried and posted over all of them is what all records cost plus all postings.';

create function private.close_period(p_organization_id uuid, p_period_from timestamptz) returns void
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_open record;
begin
  perform private.require_permission(p_organization_id, 'prices.write');
  -- Whoever records usage finishes first, so that what is stated is what is there. In the order of a step of a re-rating.
  perform private.hold_usage(p_organization_id, true);
  perform private.hold_periods(p_organization_id, true);
  select * into v_open from private.period_statements(p_organization_id) s where s.state = 'open';
  if v_open.period_from is null or v_open.period_from is distinct from p_period_from then
    perform private.raise_error('conflict', 'Months are closed one after the other; this is not the next one.', 'period_from');
  elsif v_open.period_to > now() then
    perform private.raise_error('conflict', 'This month is not over.', 'period_from');
  end if;
  insert into private.closed_periods (organization_id, period_from, period_to, time_zone, requests, unpriced_requests, cost, carried, posted,
    closed_by, closed_by_label)
  select p_organization_id, v_open.period_from, v_open.period_to, s.time_zone, v_open.requests, v_open.unpriced_requests, v_open.cost,
    v_open.carried, v_open.posted, auth.uid(), coalesce((select u.email::text from auth.users u where u.id = auth.uid()), 'TokenTRA')
  from private.usage_settings s where s.organization_id = p_organization_id;
  perform private.announce(p_organization_id, 'prices');
end
$$;
comment on function private.close_period(uuid, timestamptz) is 'Body of public.close_period().';

create function public.close_period(p_organization_id uuid, p_period_from timestamptz) returns void
language sql volatile security invoker set search_path = '' as $$ select private.close_period(p_organization_id, p_period_from) $$;
comment on function public.close_period(uuid, timestamptz) is
  'Closes the month that begins at p_period_from: its statement never changes again. It must be over, and the next one to be closed. Codes: not_found, forbidden, conflict.';

create function private.list_periods(p_organization_id uuid) returns table (
  period_from timestamptz, period_to timestamptz, state text, requests bigint, unpriced_requests bigint, cost text, carried text, posted text,
  total text, closed_at timestamptz, closed_by text
)
language plpgsql stable security definer set search_path = '' as $$
#variable_conflict use_column
begin
  perform private.require_permission(p_organization_id, 'usage.read');
  perform private.require_permission(p_organization_id, 'prices.read');
  return query
  select s.period_from, s.period_to, s.state, s.requests, s.unpriced_requests, trim_scale(s.cost)::text, trim_scale(s.carried)::text,
    trim_scale(s.posted)::text, trim_scale(s.cost + s.carried + s.posted)::text, s.closed_at, s.closed_by
  from private.period_statements(p_organization_id) s
  order by s.period_from desc;
end
$$;
comment on function private.list_periods(uuid) is 'Body of public.list_periods().';

create function public.list_periods(p_organization_id uuid) returns table (
  period_from timestamptz, period_to timestamptz, state text, requests bigint, unpriced_requests bigint, cost text, carried text, posted text,
  total text, closed_at timestamptz, closed_by text
)
language sql stable security invoker set search_path = '' as $$ select * from private.list_periods(p_organization_id) $$;
comment on function public.list_periods(uuid) is
  'Months, newest first: closed ones as stated, the open one as it stands, later ones ahead. total = cost (own records and journal) + carried (late changes of closed months) + posted (re-ratings of closed months). Codes: not_found, forbidden.';

grant execute on function
  private.close_period(uuid, timestamptz), public.close_period(uuid, timestamptz),
  private.list_periods(uuid), public.list_periods(uuid)
to authenticated;
