import type { Sql } from "postgres";

/**
 * Everything our schemas consist of, as sorted lines: relations with columns, constraints, indexes, policies, triggers, functions, types, grants and
 * comments. Two databases with equal lines behave alike; names of partitions are left out, because they follow the clock.
 */
export async function catalogue(sql: Sql): Promise<string[]> {
  const rows = await sql<{ line: string }[]>`
    with ours as (select oid, nspname from pg_catalog.pg_namespace where nspname in ('public', 'private')),
    relations as (
      select c.oid, c.relname, c.relkind, c.relacl, c.relrowsecurity, c.relforcerowsecurity, c.reloptions, n.nspname
      from pg_catalog.pg_class c join ours n on n.oid = c.relnamespace
      where c.relkind in ('r', 'p', 'v', 'm', 'S') and not c.relispartition
    )
    select format('relation %s.%s %s rls=%s/%s options=%s grants=%s', nspname, relname, relkind, relrowsecurity, relforcerowsecurity, reloptions,
      (select array_agg(g::text order by g::text) from unnest(relacl) g)) as line from relations
    union all
    select format('column %s.%s.%s %s%s default %s grants=%s', r.nspname, r.relname, a.attname, format_type(a.atttypid, a.atttypmod),
      case when a.attnotnull then ' not null' else '' end, pg_get_expr(d.adbin, d.adrelid), (select array_agg(g::text order by g::text) from unnest(a.attacl) g))
    from relations r join pg_catalog.pg_attribute a on a.attrelid = r.oid and a.attnum > 0 and not a.attisdropped
    left join pg_catalog.pg_attrdef d on d.adrelid = r.oid and d.adnum = a.attnum
    union all
    select format('view %s.%s %s', nspname, relname, pg_get_viewdef(oid)) from relations where relkind in ('v', 'm')
    union all
    select format('constraint %s.%s %s %s', r.nspname, r.relname, c.conname, pg_get_constraintdef(c.oid))
    from relations r join pg_catalog.pg_constraint c on c.conrelid = r.oid
    union all
    select format('index %s', pg_get_indexdef(i.indexrelid)) from relations r join pg_catalog.pg_index i on i.indrelid = r.oid
    union all
    select format('policy %s.%s %s %s %s to %s using %s check %s', r.nspname, r.relname, p.polname, p.polcmd, p.polpermissive,
      (select array_agg(rolname order by rolname) from pg_catalog.pg_roles where oid = any (p.polroles)),
      pg_get_expr(p.polqual, p.polrelid), pg_get_expr(p.polwithcheck, p.polrelid))
    from relations r join pg_catalog.pg_policy p on p.polrelid = r.oid
    union all
    select format('trigger %s', pg_get_triggerdef(t.oid)) from relations r join pg_catalog.pg_trigger t on t.tgrelid = r.oid and not t.tgisinternal
    union all
    select format('function %s grants=%s', pg_get_functiondef(p.oid), (select array_agg(g::text order by g::text) from unnest(p.proacl) g))
    from pg_catalog.pg_proc p join ours n on n.oid = p.pronamespace where p.prokind in ('f', 'p')
    union all
    select format('type %s.%s %s', n.nspname, t.typname, (select array_agg(e.enumlabel order by e.enumsortorder) from pg_catalog.pg_enum e where e.enumtypid = t.oid))
    from pg_catalog.pg_type t join ours n on n.oid = t.typnamespace where t.typtype in ('e', 'd')
    union all
    select format('default privileges %s %s %s', n.nspname, d.defaclobjtype, d.defaclacl)
    from pg_catalog.pg_default_acl d left join pg_catalog.pg_namespace n on n.oid = d.defaclnamespace where d.defaclrole = 'postgres'::regrole
    union all
    select format('comment %s %s', o.identity, d.description)
    from pg_catalog.pg_description d, lateral pg_catalog.pg_identify_object(d.classoid, d.objoid, d.objsubid) o
    where o.schema in ('public', 'private') and not (d.classoid = 'pg_class'::regclass and (select relispartition from pg_catalog.pg_class where oid = d.objoid))
    union all
    select format('job %s %s %s', jobname, schedule, command) from cron.job
    union all
    select format('policy on %s %s', polrelid::regclass, polname) from pg_catalog.pg_policy where polrelid = 'realtime.messages'::regclass`;
  return rows.map(({ line }) => line).sort();
}
