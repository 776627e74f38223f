import type { Sql } from "postgres";

/**
 * Ninety days of records made inside the database: the largest organization gets half. Costs are plain rate × tokens; what is measured
 * is reading. Rollups are rebuilt from the records, as after any import. The largest organization is made beside all others, so that
 * two connections are busy.
 */
export async function makeHistory(sql: Sql, organizationIds: string[], records: number, say: (line: string) => void): Promise<void> {
  await sql`select private.ensure_usage_partitions(now() - interval '91 days', now())`;
  const [largest = "", ...others] = organizationIds;
  const share = Math.floor(records / 2);
  await Promise.all([
    makeOrganizationHistory(sql, largest, share, say),
    (async () => {
      for (const each of others) await makeOrganizationHistory(sql, each, Math.floor(share / others.length), () => {});
      say("  all other organizations are in, with rollups");
    })(),
  ]);
  await Promise.all([sql`vacuum (analyze) private.usage_records`, sql`vacuum (analyze) private.usage_rollups`]);
  say("  vacuumed and analyzed");
}

async function makeOrganizationHistory(sql: Sql, organizationId: string, count: number, say: (line: string) => void): Promise<void> {
  const teams = await sql`
    insert into public.teams (organization_id, slug, name)
    select ${organizationId}, 'team-' || n, 'Team ' || n from generate_series(1, 6) n returning id`;
  const projects = await sql`
    insert into public.projects (organization_id, slug, name)
    select ${organizationId}, 'project-' || n, 'Project ' || n from generate_series(1, 10) n returning id`;
  const keys = await sql`
    insert into public.api_keys (organization_id, name, prefix, kind, scopes)
    select ${organizationId}, 'Key ' || n, 'tt_live_' || n, 'live', array['ingest'] from generate_series(1, 4) n returning id`;
  const step = 250_000;
  for (let from = 0; from < count; from += step) {
    await sql`
      insert into private.usage_records (
        organization_id, "timestamp", id, request_id, source, provider, model, endpoint, fresh_input_tokens, cached_input_tokens,
        cache_write_5m_tokens, cache_write_1h_tokens, input_audio_tokens, cached_input_audio_tokens, visible_output_tokens,
        reasoning_tokens, output_audio_tokens, status, latency_ms, api_key_id, team_id, project_id, feature, end_user, environment,
        cost_status, cost, cost_input, cost_cached_input, cost_cache_write, cost_output, cost_other
      )
      select ${organizationId}::uuid, e.at, gen_random_uuid(), 'req_' || e.n, 'import', m.provider, m.model, 'chat.completions',
        e.fresh, e.cached, 0, 0, 0, 0, e.output, 0, 0, case when e.dice < 0.02 then 'error' else 'success' end, e.latency,
        (${keys.map(({ id }) => id as string)}::uuid[])[1 + (e.n % 4)], (${teams.map(({ id }) => id as string)}::uuid[])[1 + floor(e.dice * 6)::int],
        (${projects.map(({ id }) => id as string)}::uuid[])[1 + floor(e.die * 10)::int], 'feature-' || floor(e.dice * e.die * 12)::int,
        'user-' || floor(5000 * e.die ^ 3)::int, case when e.dice < 0.9 then 'production' else 'staging' end,
        case when m.n = 8 then 'estimated' else 'exact' end,
        e.fresh * m.rate + e.cached * m.rate * 0.1 + e.output * m.rate * 4, e.fresh * m.rate, e.cached * m.rate * 0.1, 0, e.output * m.rate * 4, 0
      from (
        select n, now() - interval '90 days' * (1 - n::float8 / ${count}::float8) as at, random() as dice, random() as die,
          (200 + 5000 * random() ^ 3)::bigint as fresh, (case when random() < 0.3 then 2000 * random() else 0 end)::bigint as cached,
          (20 + 900 * random() ^ 2)::bigint as output, (200 + 8000 * random() ^ 4)::integer as latency
        from generate_series(${from}::int, ${Math.min(count, from + step) - 1}::int) n
      ) e
      join (values
        (1, 'openai', 'gpt-4o', 0.0000025), (2, 'openai', 'gpt-4o-mini', 0.00000015), (3, 'openai', 'gpt-4.1', 0.000002),
        (4, 'openai', 'gpt-4.1-mini', 0.0000004), (5, 'anthropic', 'claude-sonnet-4-5', 0.000003),
        (6, 'anthropic', 'claude-haiku-4-5', 0.000001), (7, 'google', 'gemini-2.5-flash', 0.0000003), (8, 'deepseek', 'deepseek-chat', 0.00000027)
      ) m (n, provider, model, rate) on m.n = 1 + floor(8 * e.dice * e.die)::int`;
  }
  say(`  ${count} records of the largest organization are in`);
  await sql`select private.rebuild_rollups(${organizationId})`;
  say("  its rollups are rebuilt");
}
