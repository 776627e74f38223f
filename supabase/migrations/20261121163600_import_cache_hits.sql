-- Say of a call that a proxy's cache served that it is free, not that another rate was used.

create or replace function private.import_costs(p_organization_id uuid, p_events jsonb)
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
