-- Usage records, the keys that make each of them unique for ever, and the partitions they live in. No grants: people reach
-- records through the barrier view at the end of 44_usage_questions.sql, machines through record_usage().

create table private.usage_settings (
  organization_id uuid primary key references public.organizations (id) on delete cascade,
  time_zone text not null,
  bucket interval not null
);
comment on table private.usage_settings is
  'How an organization''s rollups are cut: in UTC buckets so fine that its days consist of whole ones. Follows organizations.time_zone.';

create table private.usage_keys (
  key uuid primary key,
  organization_id uuid not null,
  "timestamp" timestamptz not null,
  content_hash bigint not null
);
comment on table private.usage_keys is
  'Idempotency, for ever: one row per organization and request id that was ever stored. key: private.usage_key(), which is also the id of the record; timestamp: where to find it; content_hash: what was sent, to tell a repetition from a conflict.';

create table private.usage_records (
  organization_id uuid not null,
  "timestamp" timestamptz not null,
  id uuid not null,
  request_id text not null,
  source text not null,
  provider text not null,
  model text not null,
  endpoint text,
  service_tier text,
  region text,
  fresh_input_tokens bigint not null,
  cached_input_tokens bigint not null,
  cache_write_5m_tokens bigint not null,
  cache_write_1h_tokens bigint not null,
  input_audio_tokens bigint not null,
  cached_input_audio_tokens bigint not null,
  visible_output_tokens bigint not null,
  reasoning_tokens bigint not null,
  output_audio_tokens bigint not null,
  other_units jsonb,
  status text not null,
  error_code text,
  latency_ms integer,
  time_to_first_token_ms integer,
  cache_hit boolean,
  api_key_id uuid,
  team_id uuid,
  project_id uuid,
  feature text,
  end_user text,
  environment text,
  session_id text,
  trace_id text,
  operation_id text,
  tags jsonb,
  metadata jsonb,
  prompt_hash text,
  prompt_fingerprint text,
  raw_usage jsonb,
  normalizer text,
  is_estimated boolean,
  is_partial boolean,
  price_card_id bigint,
  cost_status text not null,
  cost numeric,
  cost_input numeric not null,
  cost_cached_input numeric not null,
  cost_cache_write numeric not null,
  cost_output numeric not null,
  cost_other numeric not null,
  recorded_at timestamptz not null default now(),
  attribution_rule_id uuid,
  primary key (organization_id, "timestamp", id)
) partition by range ("timestamp");
comment on table private.usage_records is
  'One LLM call each, in monthly partitions. Token columns are disjoint leaves. Append-only but for cost (price_card_id, cost_*), which changes only through a job that journals the totals before and after. cost is null when unpriced, else the exact sum of the five components (0 when unpriced).';
comment on column private.usage_records.id is
  'private.usage_key(organization, request id): record and idempotency key are one value, so a request is found by its id without another index.';
comment on column private.usage_records.attribution_rule_id is
  'The rule that named team and project, because neither sender nor key did; see public.attribution_rules.';
comment on column private.usage_records.is_partial is 'The sender could not see all usage, or its counts contradict each other; the cost is then partial.';
-- What heals: nearly always empty, so it costs the ingest path one comparison.
create index usage_records_unpriced on private.usage_records (organization_id, provider, model) where cost_status = 'unpriced';

create function private.usage_key(p_organization_id uuid, p_request_id text) returns uuid
language sql immutable parallel safe
return md5(p_organization_id::text || p_request_id)::uuid;
comment on function private.usage_key(uuid, text) is
  '128 bits of organization and request id. The organization has a fixed length in front, so no other pair reads the same; a collision within an organization could only be made by its own holder of keys.';

create function private.usage_bucket(p_time_zone text) returns interval
language sql stable parallel safe set search_path = ''
as $$
  select make_interval(secs => min(case
    when abs(o.seconds) % 3600 = 0 then 3600 when abs(o.seconds) % 1800 = 0 then 1800 when abs(o.seconds) % 900 = 0 then 900 else 60
  end))
  from (
    select distinct extract(epoch from (t at time zone p_time_zone) - (t at time zone 'UTC'))::integer as seconds
    from generate_series('2014-12-31 00:00+00'::timestamptz, '2041-01-01 00:00+00', interval '7 days') t
  ) o
$$;
comment on function private.usage_bucket(text) is
  'The coarsest UTC bucket of which every local day of the zone consists, over the whole range of times that a record may have: an hour, or 30 or 15 minutes for zones such as Asia/Kolkata and Asia/Kathmandu.';

create function private.next_local_day(p_day timestamptz, p_time_zone text) returns timestamptz
language sql stable parallel safe
return date_trunc('day', (p_day at time zone p_time_zone + interval '1 day') at time zone p_time_zone, p_time_zone);
comment on function private.next_local_day(timestamptz, text) is
  'When the local day after the one that begins at p_day begins: 23, 24 or 25 hours later, or at 01:00 where midnight is skipped.';

create function private.usage_partition(p_month timestamptz) returns text
language sql immutable parallel safe
return to_char(p_month at time zone 'UTC', '"usage_records_"YYYY_MM');
comment on function private.usage_partition(timestamptz) is 'Name of the partition that holds the UTC month of an instant.';

create function private.ensure_usage_partitions(p_from timestamptz, p_to timestamptz) returns integer
language plpgsql security definer set search_path = '' as $$
declare
  v_month timestamp;
  v_name text;
  v_made integer := 0;
begin
  if p_from < '2015-01-01 00:00+00' or p_to > now() + interval '1 year' then
    perform private.raise_error('invalid', 'timestamp must lie between 2015 and the near future.', 'timestamp');
  end if;
  for v_month in
    select generate_series(date_trunc('month', p_from at time zone 'UTC'), date_trunc('month', p_to at time zone 'UTC'), interval '1 month')
  loop
    v_name := private.usage_partition(v_month at time zone 'UTC');
    continue when to_regclass('private.' || v_name) is not null;
    -- One maker at a time; a lock on the table also brings what others made meanwhile into view, which an advisory lock does not.
    -- Attaching, unlike "create … partition of", needs no more than this lock, so readers and writers of other months go on.
    lock table only private.usage_records in share update exclusive mode;
    continue when to_regclass('private.' || v_name) is not null;
    execute format('create table private.%I (like private.usage_records including defaults including constraints including comments)', v_name);
    execute format('comment on table private.%I is %L', v_name, 'Usage records of one UTC month.');
    execute format('alter table private.%I add primary key (organization_id, "timestamp", id)', v_name);
    execute format('alter table private.usage_records attach partition private.%I for values from (%L) to (%L)',
      v_name, v_month at time zone 'UTC', (v_month + interval '1 month') at time zone 'UTC');
    v_made := v_made + 1;
  end loop;
  return v_made;
end
$$;
comment on function private.ensure_usage_partitions(timestamptz, timestamptz) is
  'Makes the monthly partitions that a range needs and returns how many were missing. Safe to run at once from several sessions; call it before taking any other lock.';

select private.ensure_usage_partitions(now() - interval '3 months', now() + interval '2 months');
