import type { TransactionSql } from "postgres";
import { describe, expect, test } from "vitest";
import { testStack } from "../../tests/support/stack.ts";
import { ask, checks, type Finding } from "./structure/checks.ts";

class Rollback extends Error {}

/** Does something to the catalogue, looks, and takes it back. */
async function tomorrow<T>(change: string, look: (tx: TransactionSql) => Promise<T>): Promise<T> {
  const { sql } = await testStack();
  let seen: { value: T } | undefined;
  try {
    await sql.begin(async (tx) => {
      await tx.unsafe(change).simple();
      seen = { value: await look(tx) };
      throw new Rollback();
    });
  } catch (error) {
    if (!(error instanceof Rollback)) throw error;
  }
  return seen!.value;
}

describe("what is created tomorrow", () => {
  test("is reachable by nobody until it is granted by name", async () => {
    const reached = await tomorrow(
      `
      create table public.tomorrow (id uuid primary key default private.uuid_v7());
      create table private.tomorrow (id uuid primary key);
      create sequence public.tomorrow_seq;
      create view public.tomorrow_view as select * from public.tomorrow;
      create function public.tomorrow() returns int language sql as 'select 1';
      create function private.tomorrow() returns int language sql as 'select 1';
      create schema tomorrow;
      create function tomorrow.tomorrow() returns int language sql as 'select 1';`,
      (tx) => tx<{ object: string; role: string; reached: boolean }[]>`
        select c.oid::regclass::text as object, r as role,
          case c.relkind when 'S' then has_sequence_privilege(r, c.oid, 'usage, select, update')
            else has_table_privilege(r, c.oid, 'select, insert, update, delete, truncate, references, trigger') end as reached
        from pg_class c, unnest(array['anon', 'authenticated', 'service_role', 'tokentra_door']) r
        where c.relname like 'tomorrow%' and c.relkind in ('r', 'v', 'S')
        union all
        select p.oid::regprocedure::text, r, has_function_privilege(r, p.oid, 'execute')
        from pg_proc p, unnest(array['anon', 'authenticated', 'service_role', 'tokentra_door', 'authenticator']) r
        where p.proname = 'tomorrow'`,
    );
    expect(reached.length).toBe(4 * 4 + 3 * 5);
    expect(reached.filter((row) => row.reached)).toEqual([]);
  });

  test("is caught by every check of the structure", async () => {
    const findings = await tomorrow(
      `
      create table public.tomorrow (
        id uuid primary key, organization_id uuid, team_id uuid references public.teams (id), access_token text, updated_at timestamptz
      );
      create policy tomorrow_all on public.tomorrow using (true);
      create policy tomorrow_all on realtime.messages using (true);
      grant select, insert on public.tomorrow to anon, authenticated;
      create view public.tomorrow_view as select * from public.teams;
      create table private.tomorrow_keyless (organization_id uuid);
      create table public.messages (id uuid primary key);
      create function public.tomorrow() returns int language sql security definer as 'select 1';
      grant execute on function public.tomorrow() to public;
      grant create on schema public to authenticated;
      alter function public.tomorrow() owner to authenticated;`,
      async (tx) => {
        const found = new Map<string, Finding[]>();
        for (const check of checks) found.set(check.name, await ask(tx, check));
        return found;
      },
    );
    const blind = checks.filter(
      ({ name }) => !findings.get(name)?.some(({ object, wrong }) => wrong !== null && /tomorrow|messages/.test(object)),
    );
    expect(blind.map(({ name }) => name)).toEqual([]);
  });

  test("as it should be passes every check", async () => {
    const findings = await tomorrow(
      `
      create table public.tomorrow (
        id uuid not null default private.uuid_v7(), organization_id uuid not null references public.organizations (id) on delete cascade,
        team_id uuid, name text not null, updated_at timestamptz not null default now(),
        primary key (organization_id, id),
        foreign key (organization_id, team_id) references public.teams (organization_id, id) on delete set null (team_id)
      );
      comment on table public.tomorrow is 'What comes next.';
      create index on public.tomorrow (organization_id, team_id);
      alter table public.tomorrow enable row level security;
      alter table public.tomorrow force row level security;
      create policy tomorrow_select on public.tomorrow for select to authenticated
        using (organization_id = any ((select private.my_organization_ids('teams.read'))::uuid[]));
      grant select on public.tomorrow to authenticated;
      create trigger audit after insert or update or delete on public.tomorrow
        for each row execute function private.write_audit('tomorrow', 'name');
      create trigger touch_updated_at before update on public.tomorrow for each row execute function private.touch_updated_at();`,
      async (tx) => (await Promise.all(checks.map((check) => ask(tx, check)))).flat(),
    );
    const own = findings.filter(({ object }) => object.includes("tomorrow"));
    expect(own.length).toBeGreaterThan(10);
    expect(own.filter(({ wrong }) => wrong !== null)).toEqual([]);
  });
});
