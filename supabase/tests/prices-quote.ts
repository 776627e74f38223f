import type { Sql, TransactionSql } from "postgres";

/** Usage as the door receives it: inclusive totals with their subsets. */
export interface Usage {
  input_tokens?: number;
  cached_input_tokens?: number;
  cache_write_5m_tokens?: number;
  cache_write_1h_tokens?: number;
  input_audio_tokens?: number;
  cached_input_audio_tokens?: number;
  output_tokens?: number;
  reasoning_tokens?: number;
  output_audio_tokens?: number;
  other_units?: Record<string, number | string>;
}

export interface Question {
  provider: string;
  model: string;
  service_tier?: string;
  region?: string;
  at: string;
  usage: Usage;
  organization_id?: string;
}

export interface ReceiptLine {
  unit: string;
  quantity: string;
  billed_quantity: string;
  rate: string | null;
  per: number;
  list_rate: string | null;
  multipliers: { label: string; factor: string; id: number; source: string }[];
  discount_percent: string | null;
  borrowed_from: string | null;
  is_estimated: boolean;
  rate_id: number | null;
  contract_id: number | null;
  source: string | null;
  amount: string | null;
}

export interface Quote {
  card_id: string | null;
  matched_alias: string | null;
  cost: string | null;
  components: string[];
  status: string;
  receipt: ReceiptLine[];
  is_consistent: boolean;
}

const nil = "00000000-0000-0000-0000-000000000000";

/** Prices usages the way recording does: fill the index for the batch, join it, split, price. Answers in the order asked. */
export async function quote(sql: Sql | TransactionSql, questions: readonly Question[]): Promise<Quote[]> {
  await sql`
    select private.fill_price_card_index(array_agg(private.price_book_of(q.organization_id)), array_agg(q.provider), array_agg(q.model),
      array_agg(coalesce(q.service_tier, '')), array_agg(coalesce(q.region, '')), array_agg(coalesce(q.total, 0)), array_agg(q.at))
    from (
      select (q ->> 'organization_id')::uuid as organization_id, q ->> 'provider' as provider, q ->> 'model' as model,
        q ->> 'service_tier' as service_tier, q ->> 'region' as region, (q -> 'usage' ->> 'input_tokens')::bigint as total,
        (q ->> 'at')::timestamptz as at
      from jsonb_array_elements(${JSON.stringify(questions)}::text::jsonb) q
    ) q`;
  return sql<Quote[]>`
    with asked as materialized (
      select row_number() over () as position, private.price_book_of((q ->> 'organization_id')::uuid) as price_book, q ->> 'provider' as provider,
        q ->> 'model' as model, coalesce(q ->> 'service_tier', '') as service_tier, coalesce(q ->> 'region', '') as region,
        (q ->> 'at')::timestamptz as at, coalesce((q -> 'usage' ->> 'input_tokens')::bigint, 0) as total_input,
        coalesce(q -> 'usage' -> 'other_units', '{}') as other_units, s.*
      from jsonb_array_elements(${JSON.stringify(questions)}::text::jsonb) q
      cross join lateral jsonb_to_record(q -> 'usage') u (input_tokens bigint, cached_input_tokens bigint, cache_write_5m_tokens bigint,
        cache_write_1h_tokens bigint, input_audio_tokens bigint, cached_input_audio_tokens bigint, output_tokens bigint,
        reasoning_tokens bigint, output_audio_tokens bigint)
      cross join lateral private.split_leaves(coalesce(u.input_tokens, 0), coalesce(u.cached_input_tokens, 0),
        coalesce(u.cache_write_5m_tokens, 0), coalesce(u.cache_write_1h_tokens, 0), coalesce(u.input_audio_tokens, 0),
        coalesce(u.cached_input_audio_tokens, 0), coalesce(u.output_tokens, 0), coalesce(u.reasoning_tokens, 0),
        coalesce(u.output_audio_tokens, 0)) s
    ),
    priced as (
      select a.*, c.id as card_id, c.matched_alias, p.*
      from asked a
      left join private.price_card_index i on i.provider = a.provider and i.model = a.model and i.service_tier = a.service_tier
        and i.region = a.region and i.organization_id = a.price_book and a.total_input >= i.min_input_tokens
        and a.total_input < i.max_input_tokens and a.at >= i.valid_from and a.at < i.valid_to
      left join private.price_cards c on c.id = i.card_id
      cross join lateral private.price_leaves(c, a.fresh_input_tokens, a.cached_input_tokens, a.cache_write_5m_tokens,
        a.cache_write_1h_tokens, a.input_audio_tokens, a.cached_input_audio_tokens, a.visible_output_tokens, a.reasoning_tokens,
        a.output_audio_tokens, a.other_units) p
    )
    select card_id, matched_alias, is_consistent,
      case when cost_status <> 'unpriced' then trim_scale(cost_input + cost_cached_input + cost_cache_write + cost_output + cost_other)::text end as cost,
      array[cost_input, cost_cached_input, cost_cache_write, cost_output, cost_other]::text[] as components,
      case when cost_status <> 'unpriced' and not is_consistent then 'partial' else cost_status end as status,
      private.receipt(card_id, fresh_input_tokens, cached_input_tokens, cache_write_5m_tokens, cache_write_1h_tokens, input_audio_tokens,
        cached_input_audio_tokens, visible_output_tokens, reasoning_tokens, output_audio_tokens, other_units) as receipt
    from priced
    order by position`;
}

/** One usage of the public price list. */
export async function quoteOne(sql: Sql | TransactionSql, question: Question): Promise<Quote> {
  const [answer] = await quote(sql, [question]);
  return answer!;
}

/** The card an organization without contracts gets, resolved without the index; `knownAt` asks what it was on a day. */
export async function resolve(
  sql: Sql | TransactionSql,
  question: Omit<Question, "usage"> & { total?: number; knownAt?: string | Date },
): Promise<string | null> {
  const [row] = await sql<{ id: string | null }[]>`
    select private.resolve_price_card(${question.organization_id ?? nil}, ${question.provider}, ${question.model},
      ${question.service_tier ?? null}, ${question.region ?? null}, ${question.total ?? 0}, ${question.at}, ${question.knownAt ?? null}) as id`;
  return row!.id;
}
