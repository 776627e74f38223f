-- Imports of files. Rows themselves go through the one door (record_usage() with the source import); here is what is known about the file:
-- who brings it, how far it got, what was refused, and for a dry run their cost beside ours. Written by the imports door under an API key.

create table public.imports (
  id uuid primary key default private.uuid_v7(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  created_by uuid references auth.users (id) on delete set null,
  api_key_id uuid,
  file_name text not null constraint imports_file_name_length check (char_length(file_name) between 1 and 200),
  file_bytes bigint not null constraint imports_file_bytes check (file_bytes >= 0),
  file_digest text not null constraint imports_file_digest_shape check (file_digest ~ '^[0-9a-f]{64}$'),
  adapter text not null constraint imports_adapter_shape check (adapter ~ '^[a-z][a-z0-9-]{0,31}$'),
  columns_digest text not null constraint imports_columns_digest_shape check (columns_digest ~ '^[0-9a-f]{64}$'),
  mapping jsonb not null default '{}' constraint imports_mapping_object check (jsonb_typeof(mapping) = 'object'),
  is_dry_run boolean not null,
  status text not null default 'running' constraint imports_status check (status in ('running', 'done', 'failed')),
  message text constraint imports_message_length check (char_length(message) <= 500),
  rows_read bigint not null default 0,
  bytes_read bigint not null default 0,
  accepted bigint not null default 0,
  duplicates bigint not null default 0,
  rejected bigint not null default 0,
  skipped bigint not null default 0,
  problems jsonb not null default '[]',
  finished_at timestamptz,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organization_id, id),
  foreign key (organization_id, api_key_id) references public.api_keys (organization_id, id) on delete set null (api_key_id)
);
comment on table public.imports is 'Files of usage that were brought in, or looked at (is_dry_run). Written by functions only.';
comment on column public.imports.file_digest is 'Identity of the content, not of the name: SHA-256 over the SHA-256 of each MiB, because browsers hash no streams.';
comment on column public.imports.columns_digest is 'SHA-256 of the header: a mapping is remembered for files with the same columns.';
comment on column public.imports.mapping is '{field: column}, for files whose columns are not those of a known export.';
comment on column public.imports.rows_read is 'Rows that are dealt with; a resumed import goes on after them.';
comment on column public.imports.accepted is 'Events stored; for a dry run, events that would be sent.';
comment on column public.imports.rejected is 'Rows that could not be read or stored, for reasons in problems.';
comment on column public.imports.skipped is 'Rows left out on purpose: totals, costs without usage, buckets of traffic that is tracked anyway.';
comment on column public.imports.problems is 'The first 200 refused or skipped rows: [{line, code, message}].';
create index imports_newest on public.imports (organization_id, created_at desc, id desc);
create index imports_created_by on public.imports (created_by);
create index imports_api_key on public.imports (organization_id, api_key_id);
create index imports_columns on public.imports (organization_id, columns_digest, created_at desc);
create trigger touch_updated_at before update on public.imports for each row execute function private.touch_updated_at();
create trigger audit after insert or delete on public.imports for each row execute function private.write_audit('import', 'file_name');
-- Progress is no change of configuration: only what became of the import is told.
create trigger audit_outcome after update of status on public.imports
for each row execute function private.write_audit('import', 'file_name');

create table private.import_comparisons (
  organization_id uuid not null,
  import_id uuid not null,
  provider text not null,
  model text not null,
  service_tier text not null,
  reason text not null,
  events bigint not null,
  their_cost numeric,
  our_cost numeric,
  primary key (organization_id, import_id, provider, model, service_tier, reason),
  foreign key (organization_id, import_id) references public.imports (organization_id, id) on delete cascade
);
comment on table private.import_comparisons is
  'Their cost beside ours, per model and reason of the difference, summed batch by batch as a dry run goes on.';

create table private.import_keys (
  api_key_id uuid primary key,
  organization_id uuid not null,
  user_id uuid not null references auth.users (id) on delete cascade,
  created_at timestamptz not null default now(),
  foreign key (organization_id, api_key_id) references public.api_keys (organization_id, id) on delete cascade
);
comment on table private.import_keys is
  'Keys that the application made for one import in a browser. They live a quarter of an hour after their last use, and end with the import or the membership.';
create index import_keys_api_key on private.import_keys (organization_id, api_key_id);
create index import_keys_user on private.import_keys (user_id, organization_id);

create function private.create_import_key(p_organization_id uuid, p_file_name text)
returns table (id uuid, key text, expires_at timestamptz)
language plpgsql security definer set search_path = '' as $$
declare
  v_name text := left('Import of ' || btrim(regexp_replace(coalesce(p_file_name, ''), '[[:cntrl:]]', ' ', 'g')), 80);
  v_until timestamptz := now() + interval '15 minutes';
  v_made record;
begin
  select k.id, k.key into v_made
  from private.create_api_key(p_organization_id, v_name, array['admin'], 'live', null, null, null, v_until) k;
  insert into private.import_keys (api_key_id, organization_id, user_id) values (v_made.id, p_organization_id, auth.uid());
  return query select v_made.id, v_made.key, v_until;
end
$$;
comment on function private.create_import_key(uuid, text) is 'Body of public.create_import_key; create_api_key() looks at the caller (api_keys.write).';

create function public.create_import_key(p_organization_id uuid, p_file_name text)
returns table (id uuid, key text, expires_at timestamptz)
language sql security invoker set search_path = '' as $$
  select * from private.create_import_key(p_organization_id, p_file_name)
$$;
comment on function public.create_import_key(uuid, text) is
  'A key of scope admin for one import from the browser of whoever may make keys anyway, so that people and machines use the same door. Lives 15 minutes after its last use; revoked when the import ends. Codes: not_found, forbidden, conflict.';

create function private.end_import_keys() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  update public.api_keys k set revoked_at = now()
  from private.import_keys i
  where i.organization_id = old.organization_id and i.user_id = old.user_id
    and k.organization_id = i.organization_id and k.id = i.api_key_id and k.revoked_at is null;
  return null;
end
$$;
comment on function private.end_import_keys() is 'Trigger of members: whoever leaves or changes role leaves no key of an import behind.';
create trigger end_import_keys after delete or update of role on public.organization_members
for each row execute function private.end_import_keys();

create function private.import_caller(p_key_hash bytea, out outcome text, out organization_id uuid, out api_key_id uuid)
language sql volatile set search_path = '' as $$
  select k.outcome, k.organization_id, k.api_key_id from private.use_api_key(p_key_hash, 'admin') k
$$;
comment on function private.import_caller(bytea) is 'Who brings the file: the key, which needs the scope admin. Opens the rest of the transaction as that key.';

create function private.import_document(p_import public.imports) returns jsonb
language sql stable set search_path = '' as $$
  select to_jsonb(p_import) - 'organization_id' || jsonb_build_object('comparison', (
    select coalesce(jsonb_agg(jsonb_build_object(
      'provider', c.provider, 'model', c.model, 'service_tier', nullif(c.service_tier, ''), 'reason', c.reason, 'events', c.events,
      'their_cost', trim_scale(c.their_cost)::text, 'our_cost', trim_scale(c.our_cost)::text,
      'difference', trim_scale(c.our_cost - c.their_cost)::text
    ) order by abs(c.our_cost - c.their_cost) desc nulls last, c.events desc, c.provider, c.model, c.service_tier, c.reason), '[]')
    from private.import_comparisons c
    where c.organization_id = (p_import).organization_id and c.import_id = (p_import).id
  ), 'totals', (
    select jsonb_build_object(
      'their_cost', trim_scale(sum(c.their_cost))::text, 'our_cost', trim_scale(sum(c.our_cost))::text,
      'difference', trim_scale(sum(c.our_cost - c.their_cost))::text
    )
    from private.import_comparisons c
    where c.organization_id = (p_import).organization_id and c.import_id = (p_import).id
  ))
$$;
comment on function private.import_document(public.imports) is
  'An import as the doors and screens show it: its row, and for a dry run the comparison (largest difference first) with its totals. Amounts are decimal strings; difference = ours - theirs, over what has both.';

create function private.start_import(
  p_key_hash bytea, p_file_name text, p_file_bytes bigint, p_file_digest text, p_adapter text, p_columns_digest text, p_mapping jsonb,
  p_is_dry_run boolean, out outcome text, out document jsonb
)
language plpgsql security definer set search_path = '' as $$
declare
  v_caller record;
  v_import public.imports;
  v_mapping jsonb := p_mapping;
begin
  select * into v_caller from private.import_caller(p_key_hash);
  outcome := v_caller.outcome;
  if outcome <> 'ok' then
    return;
  end if;
  if v_mapping is null then
    select i.mapping into v_mapping from public.imports i
    where i.organization_id = v_caller.organization_id and i.columns_digest = p_columns_digest and i.adapter = p_adapter
    order by i.created_at desc limit 1;
    v_mapping := coalesce(v_mapping, '{}');
  end if;
  perform from public.organizations o where o.id = v_caller.organization_id for no key update;
  select * into v_import from public.imports i
  where i.organization_id = v_caller.organization_id and i.file_digest = p_file_digest and i.adapter = p_adapter
    and i.mapping = v_mapping and i.is_dry_run = p_is_dry_run and i.status <> 'done' and i.created_at > now() - interval '30 days'
  order by i.created_at desc limit 1;
  if found then
    update public.imports i set status = 'running', message = null, finished_at = null, api_key_id = v_caller.api_key_id
    where i.id = v_import.id
    returning * into v_import;
  else
    insert into public.imports (
      organization_id, created_by, api_key_id, file_name, file_bytes, file_digest, adapter, columns_digest, mapping, is_dry_run
    ) values (
      v_caller.organization_id, (select k.created_by from public.api_keys k where k.id = v_caller.api_key_id), v_caller.api_key_id,
      p_file_name, p_file_bytes, p_file_digest, p_adapter, p_columns_digest, v_mapping, p_is_dry_run
    ) returning * into v_import;
  end if;
  document := private.import_document(v_import);
end
$$;
comment on function private.start_import(bytea, text, bigint, text, text, text, jsonb, boolean) is
  'Begins an import, or finds the one of the same content, adapter and mapping that did not end: its rows_read says where to go on. Without a mapping, the last one for the same columns is taken.';

create function private.import_candidates(p_events jsonb) returns table (
  line bigint, variant text, tried text, provider text, model text, sent_tier text, service_tier text, region text, at timestamptz,
  total_input bigint, is_cache_told boolean, is_free boolean, their_cost numeric, fresh bigint, cached bigint, write_5m bigint,
  write_1h bigint, audio bigint, cached_audio bigint, visible bigint, reasoning bigint, output_audio bigint, other_units jsonb
)
language plpgsql stable rows 5000 set search_path = '' as $$
#variable_conflict use_column
begin
  return query
  select coalesce(e.line, e.place), v.variant, concat(v.tier, v.size), e.provider, e.model, coalesce(e.service_tier, ''), coalesce(v.tier, e.service_tier, ''), coalesce(e.region, ''),
    e."timestamp", coalesce(v.size, e.input_tokens, 0),
    coalesce(e.cached_input_tokens, e.cache_write_5m_tokens, e.cache_write_1h_tokens) is not null, e.cache_hit is true, e.their_cost,
    case v.variant when 'cache_ignored' then l.fresh_input_tokens + l.cached_input_tokens + l.cache_write_5m_tokens + l.cache_write_1h_tokens
      when 'cache_missing' then 0 else l.fresh_input_tokens end,
    case v.variant when 'cache_ignored' then 0 when 'cache_missing' then l.fresh_input_tokens + l.cached_input_tokens
      else l.cached_input_tokens end,
    case v.variant when 'cache_ignored' then 0 else l.cache_write_5m_tokens end,
    case v.variant when 'cache_ignored' then 0 else l.cache_write_1h_tokens end,
    l.input_audio_tokens, l.cached_input_audio_tokens, l.visible_output_tokens, l.reasoning_tokens, l.output_audio_tokens,
    jsonb_strip_nulls(jsonb_build_object('web_search_calls', e.web_search_calls::text, 'images', e.images::text,
      'audio_seconds', e.audio_seconds))
  from rows from (jsonb_to_recordset(p_events) as (
    provider text, model text, service_tier text, region text, "timestamp" timestamptz, input_tokens bigint, cached_input_tokens bigint,
    cache_write_5m_tokens bigint, cache_write_1h_tokens bigint, input_audio_tokens bigint, cached_input_audio_tokens bigint,
    output_tokens bigint, reasoning_tokens bigint, output_audio_tokens bigint, web_search_calls bigint, images bigint, audio_seconds text,
    cache_hit boolean, their_cost numeric, line bigint
  )) with ordinality e (
    provider, model, service_tier, region, "timestamp", input_tokens, cached_input_tokens, cache_write_5m_tokens, cache_write_1h_tokens,
    input_audio_tokens, cached_input_audio_tokens, output_tokens, reasoning_tokens, output_audio_tokens, web_search_calls, images,
    audio_seconds, cache_hit, their_cost, line, place
  )
  cross join lateral private.split_leaves(coalesce(e.input_tokens, 0), coalesce(e.cached_input_tokens, 0),
    coalesce(e.cache_write_5m_tokens, 0), coalesce(e.cache_write_1h_tokens, 0), coalesce(e.input_audio_tokens, 0),
    coalesce(e.cached_input_audio_tokens, 0), coalesce(e.output_tokens, 0), coalesce(e.reasoning_tokens, 0),
    coalesce(e.output_audio_tokens, 0)) l
  cross join lateral (values ('ours', null::text, null::bigint), ('cache_ignored', null, null), ('cache_missing', null, null),
    ('tier', 'standard', null), ('tier', 'batch', null), ('tier', 'flex', null), ('tier', 'priority', null),
    ('size', null, 1), ('size', null, 1000000)) v (variant, tier, size)
  where v.variant = 'ours' or e.their_cost is not null or e.line is not null;
end
$$;
comment on function private.import_candidates(jsonb) is
  'Each event as it is priced here, and as somebody might have priced it who knew less: another tier, another size of context, cached input at the full price, all input as cached.';

create function private.import_costs(p_organization_id uuid, p_events jsonb)
returns table (provider text, model text, service_tier text, reason text, events bigint, their_cost numeric, our_cost numeric)
language plpgsql volatile set search_path = '' set jit = off set enable_nestloop = off as $$
#variable_conflict use_column
declare
  v_book uuid := private.price_book_of(p_organization_id);
begin
  perform private.fill_price_card_index(array_agg(v_book), array_agg(c.provider), array_agg(c.model), array_agg(c.service_tier),
    array_agg(c.region), array_agg(c.total_input), array_agg(c.at))
  from private.import_candidates(p_events) c;

  return query
  with priced as materialized (
    -- A line of the file may have been cut into parts; its cost is that of the whole line.
    select c.line, c.variant, c.tried, c.provider, c.model, c.sent_tier, bool_or(c.is_cache_told) as is_cache_told, bool_and(c.is_free) as is_free,
      count(*) as parts,
      sum(c.their_cost) as their_cost, sum(c.fresh) as fresh,
      case when bool_and(c.is_free or p.cost_status <> 'unpriced') then sum(case when c.is_free then 0
        else p.cost_input + p.cost_cached_input + p.cost_cache_write + p.cost_output + p.cost_other end) end as cost
    from private.import_candidates(p_events) c
    left join private.price_card_index i on i.provider = c.provider and i.model = c.model and i.service_tier = c.service_tier
      and i.region = c.region and i.organization_id = v_book and c.total_input >= i.min_input_tokens
      and c.total_input < i.max_input_tokens and c.at >= i.valid_from and c.at < i.valid_to
    left join private.price_cards k on k.id = i.card_id
    cross join lateral (
      select * from private.price_leaves(k, c.fresh, c.cached, c.write_5m, c.write_1h, c.audio, c.cached_audio, c.visible, c.reasoning,
        c.output_audio, c.other_units) offset 0
    ) p
    group by c.line, c.variant, c.tried, c.provider, c.model, c.sent_tier
  ),
  judged as (
    select o.provider, o.model, o.sent_tier, o.their_cost, o.cost as our_cost, o.parts,
      case
        when o.their_cost is null then 'no_cost'
        when o.cost is null then 'unpriced'
        when o.cost = o.their_cost then 'equal'
        when abs(o.cost - o.their_cost) <= o.slack then 'rounding'
        when o.is_free then 'cache_hit'
        when o.their_cost = 0 then 'their_zero'
        when t.is_cache_ignored then 'cache_ignored'
        when t.is_tier then 'tier'
        when t.is_size then 'size'
        when not o.is_cache_told and t.is_cache_missing then 'cache_missing'
        else 'rate'
      end as reason
    from (
      -- What a file gives is rounded to its last digit, or carries the noise of a binary float.
      select p.*, greatest(case when scale(p.their_cost) >= 2 then 0.5 * 10::numeric ^ -scale(p.their_cost) else 0 end,
        abs(p.their_cost) * 0.000000001) as slack
      from priced p where p.variant = 'ours'
    ) o
    left join lateral (
      select bool_or(p.variant = 'cache_ignored' and abs(p.cost - o.their_cost) <= o.slack) as is_cache_ignored,
        bool_or(p.variant = 'tier' and abs(p.cost - o.their_cost) <= o.slack) as is_tier,
        bool_or(p.variant = 'size' and abs(p.cost - o.their_cost) <= o.slack) as is_size,
        -- Less than ours by a whole number of tokens, each the difference between a fresh and a cached one.
        bool_or(p.variant = 'cache_missing' and p.cost < o.cost and o.their_cost between p.cost - o.slack and o.cost
          and abs((o.cost - o.their_cost) * o.fresh / (o.cost - p.cost) - round((o.cost - o.their_cost) * o.fresh / (o.cost - p.cost)))
            <= greatest(o.slack * o.fresh / (o.cost - p.cost), 0.000001)) as is_cache_missing
      from priced p
      where p.line = o.line and p.provider = o.provider and p.model = o.model and p.sent_tier = o.sent_tier
        and p.variant <> 'ours' and o.their_cost is not null and abs(o.cost - o.their_cost) > o.slack
    ) t on true
  )
  select j.provider, j.model, j.sent_tier, j.reason, sum(j.parts)::bigint, sum(j.their_cost), sum(j.our_cost)
  from judged j
  group by j.provider, j.model, j.sent_tier, j.reason;
end
$$;
comment on function private.import_costs(uuid, jsonb) is
  'What events would cost here, beside what the file says, and why they differ: equal, rounding, tier (theirs is our price of another service tier), size (of another size of context), cache_ignored (cached input at the full price), cache_missing (less than ours by a whole number of cached tokens that the file does not tell), their_zero, cache_hit (served by the proxy''s own cache, which costs nothing), rate, unpriced, no_cost. Stores nothing.';

create function private.advance_import(
  p_key_hash bytea, p_import_id uuid, p_from_row bigint, p_to_row bigint, p_bytes_read bigint, p_accepted bigint, p_duplicates bigint,
  p_rejected bigint, p_skipped bigint, p_problems jsonb, p_events jsonb, out outcome text, out document jsonb
)
language plpgsql security definer set search_path = '' as $$
declare
  v_caller record;
  v_import public.imports;
begin
  select * into v_caller from private.import_caller(p_key_hash);
  outcome := v_caller.outcome;
  if outcome <> 'ok' then
    return;
  end if;
  select * into v_import from public.imports i where i.organization_id = v_caller.organization_id and i.id = p_import_id for update;
  if not found then
    perform private.raise_error('not_found', 'Not found.');
  end if;
  -- The same step once more, because its answer was lost: it is done.
  if p_to_row > v_import.rows_read then
    if v_import.status <> 'running' then
      perform private.raise_error('conflict', 'This import has ended; start it again.');
    end if;
    if p_from_row <> v_import.rows_read then
      perform private.raise_error('conflict', 'Somebody else imports this file at the same time.');
    end if;
    if v_import.is_dry_run and jsonb_array_length(p_events) > 0 then
      insert into private.import_comparisons as c (
        organization_id, import_id, provider, model, service_tier, reason, events, their_cost, our_cost
      )
      select v_import.organization_id, v_import.id, f.provider, f.model, f.service_tier, f.reason, f.events, f.their_cost, f.our_cost
      from private.import_costs(v_import.organization_id, p_events) f
      on conflict (organization_id, import_id, provider, model, service_tier, reason) do update set
        events = c.events + excluded.events,
        their_cost = case when c.their_cost is null then excluded.their_cost else c.their_cost + coalesce(excluded.their_cost, 0) end,
        our_cost = case when c.our_cost is null then excluded.our_cost else c.our_cost + coalesce(excluded.our_cost, 0) end;
    end if;
    update public.imports i set rows_read = p_to_row, bytes_read = p_bytes_read, accepted = i.accepted + p_accepted,
      duplicates = i.duplicates + p_duplicates, rejected = i.rejected + p_rejected, skipped = i.skipped + p_skipped,
      problems = case when jsonb_array_length(i.problems) >= 200 or p_problems = '[]' then i.problems else (
        select jsonb_agg(p.value order by p.place) from (
          select a.value, a.place from jsonb_array_elements(i.problems || p_problems) with ordinality a (value, place) limit 200
        ) p
      ) end
    where i.id = v_import.id
    returning * into v_import;
    perform private.prolong_import_key(v_caller.organization_id, v_caller.api_key_id);
  end if;
  document := to_jsonb(v_import) - array['organization_id', 'problems'];
end
$$;
comment on function private.advance_import(bytea, uuid, bigint, bigint, bigint, bigint, bigint, bigint, bigint, jsonb, jsonb) is
  'Notes that the rows from p_from_row to p_to_row are dealt with. Saying it twice counts once; a gap or a second importer is a conflict. For a dry run p_events are compared with their cost.';

create function private.prolong_import_key(p_organization_id uuid, p_api_key_id uuid) returns void
language sql volatile set search_path = '' as $$
  update public.api_keys k set expires_at = now() + interval '15 minutes'
  from private.import_keys i
  where i.organization_id = p_organization_id and i.api_key_id = p_api_key_id and i.created_at > now() - interval '1 day'
    and k.organization_id = i.organization_id and k.id = i.api_key_id and k.expires_at < now() + interval '10 minutes'
$$;
comment on function private.prolong_import_key(uuid, uuid) is 'A key made for an import lives on while the import goes on, for a day at most. Other keys stay as they are.';

create function private.finish_import(
  p_key_hash bytea, p_import_id uuid, p_status text, p_message text, out outcome text, out document jsonb
)
language plpgsql security definer set search_path = '' as $$
declare
  v_caller record;
  v_import public.imports;
begin
  select * into v_caller from private.import_caller(p_key_hash);
  outcome := v_caller.outcome;
  if outcome <> 'ok' then
    return;
  end if;
  update public.imports i set status = p_status, finished_at = now(),
    message = coalesce(p_message, format('%s stored, %s known before, %s refused, %s left out', i.accepted, i.duplicates, i.rejected, i.skipped))
  where i.organization_id = v_caller.organization_id and i.id = p_import_id
  returning * into v_import;
  if not found then
    perform private.raise_error('not_found', 'Not found.');
  end if;
  update public.api_keys k set revoked_at = now()
  from private.import_keys i
  where i.organization_id = v_caller.organization_id and i.api_key_id = v_caller.api_key_id
    and k.organization_id = i.organization_id and k.id = i.api_key_id and k.revoked_at is null;
  document := private.import_document(v_import);
end
$$;
comment on function private.finish_import(bytea, uuid, text, text) is
  'Ends an import (done, or failed with a message) and revokes the key if it was made for it. A failed one can be started again and goes on.';

create function private.tracked_buckets(p_key_hash bytea, p_buckets jsonb, out outcome text, out document jsonb)
language plpgsql security definer set search_path = '' as $$
declare
  v_caller record;
begin
  select * into v_caller from private.import_caller(p_key_hash);
  outcome := v_caller.outcome;
  if outcome <> 'ok' then
    return;
  end if;
  select coalesce(jsonb_agg(
    -- The rollup of days says fast that there is nothing; the records then say whether it was tracked or imported.
    exists (
      select from private.usage_rollups t
      where t.rollup = 'model' and t.organization_id = v_caller.organization_id and t.key = b.model and t.provider = b.provider
        and t.bucket > b.starts_at - interval '1 hour' and t.bucket < b.ends_at
    ) and exists (
      select from private.usage_records r
      where r.organization_id = v_caller.organization_id and r."timestamp" >= b.starts_at and r."timestamp" < b.ends_at
        and r.provider = b.provider and r.model = b.model and r.source not in ('import', 'provider_sync')
    ) order by b.place), '[]')
  into document
  from rows from (jsonb_to_recordset(p_buckets) as (provider text, model text, starts_at timestamptz, ends_at timestamptz))
    with ordinality b (provider, model, starts_at, ends_at, place);
end
$$;
comment on function private.tracked_buckets(bytea, jsonb) is
  'For each bucket of a provider''s own count [{provider, model, starts_at, ends_at}]: is traffic of that model in that time tracked already? Importing the bucket would count it twice.';

create function private.import_with_comparison(p_organization_id uuid, p_id uuid) returns jsonb
language plpgsql stable security definer set search_path = '' as $$
declare
  v_import public.imports;
begin
  perform private.require_permission(p_organization_id, 'api_keys.read');
  select * into v_import from public.imports i where i.organization_id = p_organization_id and i.id = p_id;
  if not found then
    perform private.raise_error('not_found', 'Not found.');
  end if;
  return private.import_document(v_import);
end
$$;
comment on function private.import_with_comparison(uuid, uuid) is 'Body of public.import_with_comparison: for whoever may see the keys.';

create function public.import_with_comparison(p_organization_id uuid, p_id uuid) returns jsonb
language sql stable security invoker set search_path = '' as $$
  select private.import_with_comparison(p_organization_id, p_id)
$$;
comment on function public.import_with_comparison(uuid, uuid) is
  'One import with its problems by line and, for a dry run, their cost beside ours per model and reason. Amounts are decimal strings. Codes: not_found, forbidden.';

alter table public.imports enable row level security;
alter table public.imports force row level security;
create policy imports_select on public.imports for select to authenticated
using (organization_id = any ((select private.my_organization_ids('api_keys.read'))::uuid[]));

grant select on public.imports to authenticated, service_role;
grant execute on function
  private.create_import_key(uuid, text), public.create_import_key(uuid, text),
  private.import_with_comparison(uuid, uuid), public.import_with_comparison(uuid, uuid)
to authenticated;
grant execute on function
  private.start_import(bytea, text, bigint, text, text, text, jsonb, boolean),
  private.advance_import(bytea, uuid, bigint, bigint, bigint, bigint, bigint, bigint, bigint, jsonb, jsonb),
  private.finish_import(bytea, uuid, text, text),
  private.tracked_buckets(bytea, jsonb)
to tokentra_door;
