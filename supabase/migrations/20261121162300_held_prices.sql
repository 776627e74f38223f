-- People see which changes of the price list are held, and why.

create function private.list_held_prices(p_organization_id uuid) returns table (
  id bigint, provider text, model text, held_at timestamptz, source text, is_used boolean, diff jsonb
)
language plpgsql stable security definer set search_path = '' as $$
begin
  perform private.require_permission(p_organization_id, 'prices.read');
  return query
  with used as materialized (
    select distinct f.platform, f.model
    from (
      select distinct t.provider, t.key from private.usage_rollups t
      where t.rollup = 'model_day' and t.organization_id = p_organization_id and t.bucket > now() - interval '90 days'
    ) u
    cross join lateral private.find_price_identity('00000000-0000-0000-0000-000000000000', u.provider, u.key, 'infinity') f
    where f.platform is not null
  )
  select q.id, q.platform, q.model, q.held_at, q.source,
    exists (select from used u where u.platform = q.platform and u.model = q.model), q.diff
  from private.price_quarantine q
  where q.decided_at is null
  order by 6 desc, q.held_at desc, q.platform, q.model
  limit 500;
end
$$;
comment on function private.list_held_prices(uuid) is 'Body of public.list_held_prices().';

create function public.list_held_prices(p_organization_id uuid) returns table (
  id bigint, provider text, model text, held_at timestamptz, source text, is_used boolean, diff jsonb
)
language sql stable security invoker set search_path = '' as $$ select * from private.list_held_prices(p_organization_id) $$;
comment on function public.list_held_prices(uuid) is
  'Changes of the price list that do not go live by themselves: they move a price by more than 20 % or drop one. diff: [{reason: moved|dropped, unit, service_tier, region, context_tokens, was, becomes}]. Models in use first. Who runs the installation decides. Codes: not_found, forbidden.';

grant execute on function private.list_held_prices(uuid), public.list_held_prices(uuid) to authenticated;
