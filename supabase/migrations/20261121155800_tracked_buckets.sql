-- Buckets are read with their places in the one way that Postgres takes.

create or replace function private.tracked_buckets(p_key_hash bytea, p_buckets jsonb, out outcome text, out document jsonb)
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
