-- Rollups: one per question, kept exact in the transaction that changes records. They share one shape, so that one statement
-- keeps them, one rebuilds them and one verifies them; each is a partition, so that a question reads no other's rows.

create table private.usage_rollups (
  rollup text not null,
  organization_id uuid not null,
  bucket timestamptz not null,
  key text not null,
  provider text not null,
  requests bigint not null,
  errors bigint not null,
  fresh_input_tokens bigint not null,
  cached_input_tokens bigint not null,
  cache_write_5m_tokens bigint not null,
  cache_write_1h_tokens bigint not null,
  input_audio_tokens bigint not null,
  cached_input_audio_tokens bigint not null,
  visible_output_tokens bigint not null,
  reasoning_tokens bigint not null,
  output_audio_tokens bigint not null,
  cost_input numeric not null,
  cost_cached_input numeric not null,
  cost_cache_write numeric not null,
  cost_output numeric not null,
  cost_other numeric not null,
  provider_reported_requests bigint not null,
  estimated_requests bigint not null,
  partial_requests bigint not null,
  unpriced_requests bigint not null,
  disputed_requests bigint not null,
  latency numeric not null,
  primary key (organization_id, bucket, key, provider, rollup)
) partition by list (rollup);
comment on table private.usage_rollups is
  'Sums of usage_records by bucket and key. key: the value of the rollup''s dimension, empty = not set (rollup model: the model, with its provider beside it). bucket: usage_settings.bucket in UTC; minutes in rollup minute; local days of the organization in the rollups *_day and end_user. Days answer for months, buckets for the days at the ends, records for the buckets at the ends.';
comment on column private.usage_rollups.latency is
  'Histogram of latency_ms as one number, see private.latency_buckets: adding two numbers merges two histograms.';

create table private.usage_rollup_total partition of private.usage_rollups for values in ('total') with (fillfactor = 70);
create table private.usage_rollup_minute partition of private.usage_rollups for values in ('minute') with (fillfactor = 70);
create table private.usage_rollup_model partition of private.usage_rollups for values in ('model') with (fillfactor = 70);
create table private.usage_rollup_team partition of private.usage_rollups for values in ('team') with (fillfactor = 70);
create table private.usage_rollup_project partition of private.usage_rollups for values in ('project') with (fillfactor = 70);
create table private.usage_rollup_feature partition of private.usage_rollups for values in ('feature') with (fillfactor = 70);
create table private.usage_rollup_api_key partition of private.usage_rollups for values in ('api_key') with (fillfactor = 70);
create table private.usage_rollup_environment partition of private.usage_rollups for values in ('environment') with (fillfactor = 70);
create table private.usage_rollup_end_user partition of private.usage_rollups for values in ('end_user') with (fillfactor = 70);
create table private.usage_rollup_total_day partition of private.usage_rollups for values in ('total_day') with (fillfactor = 70);
create table private.usage_rollup_model_day partition of private.usage_rollups for values in ('model_day') with (fillfactor = 70);
create table private.usage_rollup_team_day partition of private.usage_rollups for values in ('team_day') with (fillfactor = 70);
create table private.usage_rollup_project_day partition of private.usage_rollups for values in ('project_day') with (fillfactor = 70);
create table private.usage_rollup_feature_day partition of private.usage_rollups for values in ('feature_day') with (fillfactor = 70);
create table private.usage_rollup_api_key_day partition of private.usage_rollups for values in ('api_key_day') with (fillfactor = 70);
create table private.usage_rollup_environment_day partition of private.usage_rollups for values in ('environment_day') with (fillfactor = 70);
comment on table private.usage_rollup_total is 'Usage of an organization.';
comment on table private.usage_rollup_minute is 'Usage of an organization by minute: requests per minute, live.';
comment on table private.usage_rollup_model is 'Usage by provider and model.';
comment on table private.usage_rollup_team is 'Usage by team.';
comment on table private.usage_rollup_project is 'Usage by project.';
comment on table private.usage_rollup_feature is 'Usage by feature.';
comment on table private.usage_rollup_api_key is 'Usage by API key.';
comment on table private.usage_rollup_environment is 'Usage by environment.';
comment on table private.usage_rollup_end_user is 'Usage by end user and local day.';
comment on table private.usage_rollup_total_day is 'Usage by organization and local day.';
comment on table private.usage_rollup_model_day is 'Usage by provider and model and local day.';
comment on table private.usage_rollup_team_day is 'Usage by team and local day.';
comment on table private.usage_rollup_project_day is 'Usage by project and local day.';
comment on table private.usage_rollup_feature_day is 'Usage by feature and local day.';
comment on table private.usage_rollup_api_key_day is 'Usage by API key and local day.';
comment on table private.usage_rollup_environment_day is 'Usage by environment and local day.';

create table private.latency_buckets (
  bucket smallint primary key,
  unit numeric not null
);
comment on table private.latency_buckets is
  'Logarithmic histogram of latencies: bucket b holds 1.2^b ≤ ms < 1.2^(b+1). A histogram is one numeric, 12 decimal digits per bucket: one request adds unit = 10^(12·bucket), so sum() merges histograms in C and one column holds them.';
insert into private.latency_buckets (bucket, unit) select b, ('1e' || 12 * b)::numeric from generate_series(0, 118) b;

create function private.latency_bucket(p_latency_ms integer) returns smallint
language sql immutable parallel safe
return case when p_latency_ms is not null then floor(ln(greatest(p_latency_ms, 1)::float8) * 5.484814928747692)::smallint end;
comment on function private.latency_bucket(integer) is 'floor(log 1.2 of milliseconds) in float8; null when no latency was measured.';

create function private.latency_percentiles(p_histogram numeric, out p50_ms integer, out p95_ms integer)
language plpgsql immutable strict parallel safe set search_path = '' as $$
declare
  -- The digits of a number to base 10^12 sum to the number modulo 10^12 - 1: the count of all requests in it.
  v_total float8 := mod(p_histogram, 999999999999);
  v_digits text;
  v_bucket integer;
  v_place integer := 1;
  v_below float8 := v_total;
  v_count float8;
begin
  if v_total is null or v_total = 0 then
    return;
  end if;
  v_digits := p_histogram::text;
  v_bucket := (length(v_digits) - 1) / 12;
  v_digits := lpad(v_digits, 12 * (v_bucket + 1), '0');
  -- From the slowest bucket down: the median is usually nearer to that end, and the front of a text is cheaper to read.
  while p50_ms is null loop
    v_count := substr(v_digits, v_place, 12)::float8;
    v_below := v_below - v_count;
    if p95_ms is null and v_below < v_total * 0.95 then
      p95_ms := round(power(1.2::float8, v_bucket + (v_total * 0.95 - v_below) / v_count));
    end if;
    if v_below < v_total * 0.5 then
      p50_ms := round(power(1.2::float8, v_bucket + (v_total * 0.5 - v_below) / v_count));
    end if;
    v_bucket := v_bucket - 1;
    v_place := v_place + 12;
  end loop;
end
$$;
comment on function private.latency_percentiles(numeric) is
  'Median and 95th percentile of a histogram in milliseconds, read between the bounds of the bucket they fall in (at most 10 % off, in practice far less); null when nothing was measured.';

create aggregate private.total(bigint) (sfunc = int8pl, stype = bigint, initcond = '0', combinefunc = int8pl, parallel = safe);
comment on aggregate private.total(bigint) is
  'sum() of bigint that stays bigint (0 of nothing, an error beyond 2^63): no numeric is made and cast back for each of a batch''s hundreds of cells.';

create aggregate private.total(numeric) (sfunc = numeric_add, stype = numeric, combinefunc = numeric_add, parallel = safe);
comment on aggregate private.total(numeric) is
  'sum() of numeric for many small groups: the first value is the state, where sum() sets up an accumulator. Null of nothing.';

create function private.add_to_rollups(p_deltas private.usage_rollups[]) returns void
language sql set search_path = '' as $$
  insert into private.usage_rollups as t
  select d.* from unnest(p_deltas) d
  order by d.rollup, d.organization_id, d.bucket, d.key, d.provider
  on conflict (organization_id, bucket, key, provider, rollup) do update set
    requests = t.requests + excluded.requests,
    errors = t.errors + excluded.errors,
    fresh_input_tokens = t.fresh_input_tokens + excluded.fresh_input_tokens,
    cached_input_tokens = t.cached_input_tokens + excluded.cached_input_tokens,
    cache_write_5m_tokens = t.cache_write_5m_tokens + excluded.cache_write_5m_tokens,
    cache_write_1h_tokens = t.cache_write_1h_tokens + excluded.cache_write_1h_tokens,
    input_audio_tokens = t.input_audio_tokens + excluded.input_audio_tokens,
    cached_input_audio_tokens = t.cached_input_audio_tokens + excluded.cached_input_audio_tokens,
    visible_output_tokens = t.visible_output_tokens + excluded.visible_output_tokens,
    reasoning_tokens = t.reasoning_tokens + excluded.reasoning_tokens,
    output_audio_tokens = t.output_audio_tokens + excluded.output_audio_tokens,
    cost_input = t.cost_input + excluded.cost_input,
    cost_cached_input = t.cost_cached_input + excluded.cost_cached_input,
    cost_cache_write = t.cost_cache_write + excluded.cost_cache_write,
    cost_output = t.cost_output + excluded.cost_output,
    cost_other = t.cost_other + excluded.cost_other,
    provider_reported_requests = t.provider_reported_requests + excluded.provider_reported_requests,
    estimated_requests = t.estimated_requests + excluded.estimated_requests,
    partial_requests = t.partial_requests + excluded.partial_requests,
    unpriced_requests = t.unpriced_requests + excluded.unpriced_requests,
    disputed_requests = t.disputed_requests + excluded.disputed_requests,
    latency = t.latency + excluded.latency
$$;
comment on function private.add_to_rollups(private.usage_rollups[]) is
  'Adds deltas (at most one per cell) in the order of the cells: whoever changes rollups does it here and last, so that rows are locked in one order and shortly.';
