-- The journal beside the records: adjustments of cost with a reason. Total shown = records + journal. Entries are never changed; one is
-- taken back by another that says the opposite. (private.cost_journal notes how prices of records themselves changed.)

create table private.cost_adjustments (
  id uuid primary key default private.uuid_v7(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  kind text not null check (kind in ('reconciliation', 'reversal')),
  reason text not null check (char_length(reason) between 1 and 500),
  provider text,
  first_day date not null,
  last_day date not null,
  lines integer not null,
  amount numeric not null,
  reverses_id uuid,
  created_by uuid,
  created_by_label text not null,
  created_at timestamptz not null default now(),
  unique (organization_id, id),
  unique (organization_id, reverses_id),
  foreign key (organization_id, reverses_id) references private.cost_adjustments (organization_id, id),
  check ((reverses_id is not null) = (kind = 'reversal'))
);
comment on table private.cost_adjustments is
  'Entries of the journal. amount (US dollars, signed) is the sum of the lines. reverses_id: the entry this one takes back; each can be taken back once. created_by: a user who may be gone; the label stays.';
create index cost_adjustments_newest on private.cost_adjustments (organization_id, created_at desc, id desc);

create table private.cost_adjustment_lines (
  organization_id uuid not null,
  adjustment_id uuid not null,
  day date not null,
  "timestamp" timestamptz not null,
  provider text not null,
  model text not null,
  component text not null,
  key text not null,
  class text not null check (class in ('untracked', 'tier', 'rate', 'rounding', 'timing', 'not_reported')),
  amount numeric not null,
  api_key_id uuid,
  team_id uuid,
  project_id uuid,
  environment text,
  primary key (organization_id, adjustment_id, day, provider, model, component, key, class),
  foreign key (organization_id, adjustment_id) references private.cost_adjustments (organization_id, id) on delete cascade
);
comment on table private.cost_adjustment_lines is
  'What an entry adds to which line of reconciliation, and why (class). timestamp: noon UTC of the billed day, so that the amount falls on the same date in nearly every time zone; key, team, project and environment as the key was bound when the entry was made.';
create index cost_adjustment_lines_when on private.cost_adjustment_lines (organization_id, "timestamp");

create function private.keep_journal() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'DELETE' and not exists (select from public.organizations o where o.id = old.organization_id) then
    return old; -- it goes with its organization, and only then
  end if;
  raise exception 'The journal is append-only.' using errcode = '42501';
end
$$;
comment on function private.keep_journal() is 'Trigger: an entry is never changed or removed; it is taken back by another entry.';
create trigger keep_journal before update or delete on private.cost_adjustments for each row execute function private.keep_journal();
create trigger keep_journal before update or delete on private.cost_adjustment_lines for each row execute function private.keep_journal();

create view private.readable_adjustments with (security_barrier = true) as
select l.* from private.cost_adjustment_lines l
where l.organization_id = any ((select private.my_organization_ids('usage.read'))::uuid[]);
comment on view private.readable_adjustments is 'Lines of the journal of organizations whose usage the caller may read: what totals add to the records.';

create function private.adjust_to_bill(
  p_organization_id uuid, p_from date, p_to date, p_provider text, p_models text[], p_keys text[], p_classes text[], p_reason text,
  p_expected text
) returns uuid
language plpgsql security definer set search_path = '' set jit = off as $$
#variable_conflict use_column
declare
  v_id uuid;
  v_sum numeric;
  v_provider text;
begin
  perform private.require_permission(p_organization_id, 'connections.write');
  perform private.check_reconciliation(p_from, p_to, p_classes);
  if p_reason is null or btrim(p_reason) = '' or char_length(p_reason) > 500 then
    perform private.raise_error('invalid', 'reason must have 1 to 500 characters.', 'reason');
  elsif p_expected is null or not pg_input_is_valid(p_expected, 'numeric') then
    perform private.raise_error('invalid', 'expected must be the difference that was shown.', 'expected');
  end if;
  perform pg_advisory_xact_lock(hashtextextended('private.cost_adjustments ' || p_organization_id, 0));
  for v_provider in
    select distinct c.provider from public.connections c
    where c.organization_id = p_organization_id and (p_provider is null or c.provider = p_provider) order by 1
  loop
    perform private.reconcile(p_organization_id, v_provider, p_from, p_to);
  end loop;
  select coalesce(sum(v.amount), 0) into v_sum
  from private.reconciliation_remaining(p_organization_id, p_from, p_to, p_provider, p_models, p_keys, p_classes) r
  cross join lateral (values ('untracked', r.untracked), ('tier', r.tier), ('rate', r.rate), ('rounding', r.rounding), ('timing', r.timing),
    ('not_reported', r.not_reported)) v (class, amount)
  where p_classes is null or v.class = any (p_classes);
  if v_sum <> p_expected::numeric then
    perform private.raise_error('conflict', 'The difference has changed since it was shown. Look again, then adjust.');
  end if;

  v_id := private.uuid_v7();
  insert into private.cost_adjustments (id, organization_id, kind, reason, provider, first_day, last_day, lines, amount, created_by,
    created_by_label)
  select v_id, p_organization_id, 'reconciliation', btrim(p_reason), p_provider, min(r.day), max(r.day), count(*), sum(v.amount), auth.uid(),
    coalesce((select u.email::text from auth.users u where u.id = auth.uid()), 'TokenTRA')
  from private.reconciliation_remaining(p_organization_id, p_from, p_to, p_provider, p_models, p_keys, p_classes) r
  cross join lateral (values ('untracked', r.untracked), ('tier', r.tier), ('rate', r.rate), ('rounding', r.rounding), ('timing', r.timing),
    ('not_reported', r.not_reported)) v (class, amount)
  where v.amount <> 0 and (p_classes is null or v.class = any (p_classes))
  having count(*) > 0;
  if not found then
    perform private.raise_error('conflict', 'There is no difference to adjust.');
  end if;
  insert into private.cost_adjustment_lines (organization_id, adjustment_id, day, "timestamp", provider, model, component, key, class, amount,
    api_key_id, team_id, project_id, environment)
  select p_organization_id, v_id, r.day, (r.day + time '12:00') at time zone 'UTC', r.provider, r.model, r.component, r.key, v.class, v.amount,
    k.id, coalesce(k.team_id, p.team_id), k.project_id, k.environment
  from private.reconciliation_remaining(p_organization_id, p_from, p_to, p_provider, p_models, p_keys, p_classes) r
  cross join lateral (values ('untracked', r.untracked), ('tier', r.tier), ('rate', r.rate), ('rounding', r.rounding), ('timing', r.timing),
    ('not_reported', r.not_reported)) v (class, amount)
  left join public.api_keys k on k.organization_id = p_organization_id and k.id::text = r.key
  left join public.projects p on p.organization_id = k.organization_id and p.id = k.project_id
  where v.amount <> 0 and (p_classes is null or v.class = any (p_classes));
  perform private.announce(p_organization_id, 'reconciliation'), private.announce(p_organization_id, 'usage');
  return v_id;
end
$$;
comment on function private.adjust_to_bill(uuid, date, date, text, text[], text[], text[], text, text) is 'Body of public.adjust_to_bill.';

create function public.adjust_to_bill(
  p_organization_id uuid, p_from date, p_to date, p_reason text, p_expected text, p_provider text default null,
  p_models text[] default null, p_keys text[] default null, p_classes text[] default null
) returns uuid
language sql security invoker set search_path = '' as $$
  select private.adjust_to_bill(p_organization_id, p_from, p_to, p_provider, p_models, p_keys, p_classes, p_reason, p_expected)
$$;
comment on function public.adjust_to_bill(uuid, date, date, text, text, text, text[], text[], text[]) is
  'Enters what is left of the difference between bill and tracked cost into the journal, for the days [p_from, p_to), filters and classes of public.reconciliation; afterwards that difference is exactly 0. Reconciles anew first and refuses (conflict) when the sum is no longer p_expected, the sum that was shown. Returns the entry. Codes: not_found, forbidden, invalid, conflict.';

create function private.reverse_adjustment(p_organization_id uuid, p_id uuid, p_reason text) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid := private.uuid_v7();
  v_old private.cost_adjustments;
begin
  perform private.require_permission(p_organization_id, 'connections.write');
  if p_reason is null or btrim(p_reason) = '' or char_length(p_reason) > 500 then
    perform private.raise_error('invalid', 'reason must have 1 to 500 characters.', 'reason');
  end if;
  perform pg_advisory_xact_lock(hashtextextended('private.cost_adjustments ' || p_organization_id, 0));
  select a.* into v_old from private.cost_adjustments a where a.organization_id = p_organization_id and a.id = p_id;
  if not found then
    perform private.raise_error('not_found', 'Not found.');
  elsif v_old.kind = 'reversal' then
    perform private.raise_error('conflict', 'A reversal is not taken back: adjust again instead.');
  elsif exists (select from private.cost_adjustments a where a.organization_id = p_organization_id and a.reverses_id = p_id) then
    perform private.raise_error('conflict', 'This entry was taken back already.');
  end if;
  insert into private.cost_adjustments (id, organization_id, kind, reason, provider, first_day, last_day, lines, amount, reverses_id,
    created_by, created_by_label)
  values (v_id, p_organization_id, 'reversal', btrim(p_reason), v_old.provider, v_old.first_day, v_old.last_day, v_old.lines, -v_old.amount,
    p_id, auth.uid(), coalesce((select u.email::text from auth.users u where u.id = auth.uid()), 'TokenTRA'));
  insert into private.cost_adjustment_lines (organization_id, adjustment_id, day, "timestamp", provider, model, component, key, class, amount,
    api_key_id, team_id, project_id, environment)
  select l.organization_id, v_id, l.day, l."timestamp", l.provider, l.model, l.component, l.key, l.class, -l.amount, l.api_key_id, l.team_id,
    l.project_id, l.environment
  from private.cost_adjustment_lines l
  where l.organization_id = p_organization_id and l.adjustment_id = p_id;
  perform private.announce(p_organization_id, 'reconciliation'), private.announce(p_organization_id, 'usage');
  return v_id;
end
$$;
comment on function private.reverse_adjustment(uuid, uuid, text) is 'Body of public.reverse_adjustment.';

create function public.reverse_adjustment(p_organization_id uuid, p_id uuid, p_reason text) returns uuid
language sql security invoker set search_path = '' as $$
  select private.reverse_adjustment(p_organization_id, p_id, p_reason)
$$;
comment on function public.reverse_adjustment(uuid, uuid, text) is
  'Takes an entry of the journal back by one with the opposite amounts; returns that. Codes: not_found, forbidden, invalid, conflict (already taken back, or itself a reversal).';

create function private.list_adjustments(p_organization_id uuid, p_limit integer) returns table (
  id uuid, kind text, reason text, provider text, first_day date, last_day date, lines integer, amount text, reverses_id uuid,
  reversed_by_id uuid, created_by_label text, created_at timestamptz
)
language plpgsql stable security definer set search_path = '' as $$
begin
  perform private.require_permission(p_organization_id, 'connections.read');
  return query
  select a.id, a.kind, a.reason, a.provider, a.first_day, a.last_day, a.lines, trim_scale(a.amount)::text, a.reverses_id, r.id,
    a.created_by_label, a.created_at
  from private.cost_adjustments a
  left join private.cost_adjustments r on r.organization_id = a.organization_id and r.reverses_id = a.id
  where a.organization_id = p_organization_id
  order by a.created_at desc, a.id desc
  limit least(greatest(p_limit, 0), 1000);
end
$$;
comment on function private.list_adjustments(uuid, integer) is 'Body of public.list_adjustments.';

create function public.list_adjustments(p_organization_id uuid, p_limit integer default 200) returns table (
  id uuid, kind text, reason text, provider text, first_day date, last_day date, lines integer, amount text, reverses_id uuid,
  reversed_by_id uuid, created_by_label text, created_at timestamptz
)
language sql stable security invoker set search_path = '' as $$
  select * from private.list_adjustments(p_organization_id, p_limit)
$$;
comment on function public.list_adjustments(uuid, integer) is
  'What does the journal say? Newest entries first; reversed_by_id names the entry that took one back. Codes: not_found, forbidden.';

create function private.journal_differences(p_organization_id uuid, p_from timestamptz, p_to timestamptz)
returns table (rollup text, bucket timestamptz, key text, field text, rollup_value text, record_value text)
language sql stable set search_path = '' as $$
  select 'journal', a.created_at, a.id::text, 'amount', a.amount::text, coalesce(l.amount, 0)::text
  from private.cost_adjustments a
  left join lateral (
    select sum(l.amount) as amount, count(*) as lines from private.cost_adjustment_lines l
    where l.organization_id = a.organization_id and l.adjustment_id = a.id
  ) l on true
  where a.organization_id = p_organization_id and a.last_day >= p_from and a.first_day <= p_to
    and (a.amount <> coalesce(l.amount, 0) or a.lines <> l.lines)
  union all
  select 'journal', r.created_at, r.id::text, 'reversal', r.amount::text, (-a.amount)::text
  from private.cost_adjustments r
  join private.cost_adjustments a on a.organization_id = r.organization_id and a.id = r.reverses_id
  where r.organization_id = p_organization_id and r.last_day >= p_from and r.first_day <= p_to and r.amount <> -a.amount
$$;
comment on function private.journal_differences(uuid, timestamptz, timestamptz) is
  'Entries of the journal whose amount is not the sum of their lines, and reversals that are not the opposite of their entry. Empty = exact.';

grant select on private.readable_adjustments to authenticated;
grant execute on function
  private.adjust_to_bill(uuid, date, date, text, text[], text[], text[], text, text),
  public.adjust_to_bill(uuid, date, date, text, text, text, text[], text[], text[]),
  private.reverse_adjustment(uuid, uuid, text), public.reverse_adjustment(uuid, uuid, text),
  private.list_adjustments(uuid, integer), public.list_adjustments(uuid, integer)
to authenticated;

select cron.schedule('sync-connections', '*/15 * * * *', $$select private.call_sync_worker()$$);
-- A backfill has more than one window: every minute the worker is called on while something is due.
select cron.schedule('sync-connections-backlog', '* * * * *', $$select private.call_sync_worker() where exists (
  select from private.connection_syncs s where s.last_synced_at is not null and s.next_at <= now() and s.failures = 0)$$);
