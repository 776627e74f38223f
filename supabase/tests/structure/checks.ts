import type { Sql, TransactionSql } from "postgres";

/**
 * One rule of the house, asked of the catalogue: a query that returns every object it looked at (`object`) and what is wrong with it
 * (`wrong`, null when nothing is). `atLeast` keeps a rule from passing because it saw nothing.
 */
export interface Check {
  name: string;
  atLeast: number;
  query: string;
}

export interface Finding {
  object: string;
  wrong: string | null;
}

export async function ask(sql: Sql | TransactionSql, check: Check): Promise<Finding[]> {
  return sql.unsafe<Finding[]>(check.query);
}

const ours = "('public'::regnamespace, 'private'::regnamespace)";
const named = (oid: string) => `(select n.nspname from pg_namespace n where n.oid = ${oid}.relnamespace) || '.' || ${oid}.relname`;
const signature = "p.oid::regprocedure::text";
const notOfAnExtension = (catalogue: string, oid: string) =>
  `not exists (select from pg_depend d where d.classid = '${catalogue}'::regclass and d.objid = ${oid} and d.deptype = 'e')`;

const tables = `
  select c.oid, c.relname, c.relnamespace, c.relrowsecurity, c.relforcerowsecurity, c.relowner, ${named("c")} as object
  from pg_class c
  where c.relnamespace in ${ours} and c.relkind in ('r', 'p') and not c.relispartition and ${notOfAnExtension("pg_class", "c.oid")}`;

const functions = `
  select p.*, ${signature} as object
  from pg_proc p
  where p.pronamespace in ${ours} and ${notOfAnExtension("pg_proc", "p.oid")}`;

const hasOrganization =
  "exists (select from pg_attribute a where a.attrelid = t.oid and a.attname = 'organization_id' and not a.attisdropped)";

export const checks: Check[] = [
  {
    name: "exposed tables have row-level security, forced",
    atLeast: 9,
    query: `
      select t.object, case
        when not t.relrowsecurity then 'row-level security is off'
        when not t.relforcerowsecurity then 'row-level security is not forced' end as wrong
      from (${tables}) t where t.relnamespace = 'public'::regnamespace`,
  },
  {
    name: "every granted verb has a policy",
    atLeast: 15,
    query: `
      select t.object || ' ' || r.role || ' ' || v.verb as object, case when not exists (
        select from pg_policy y
        where y.polrelid = t.oid and y.polcmd = v.code and (y.polroles = '{0}' or r.role::regrole = any (y.polroles))
      ) then 'granted, but no policy for it' end as wrong
      from (${tables}) t,
        (values ('anon'), ('authenticated')) r (role),
        (values ('select', 'r'::"char"), ('insert', 'a'), ('update', 'w'), ('delete', 'd')) v (verb, code)
      where t.relnamespace = 'public'::regnamespace
        and (has_table_privilege(r.role, t.oid, v.verb) or (v.verb <> 'delete' and has_any_column_privilege(r.role, t.oid, v.verb)))`,
  },
  {
    name: "every policy has a granted verb, one role and a test of what is written",
    atLeast: 15,
    query: `
      select t.object || ' ' || y.polname as object, case
        when y.polroles <> array['authenticated'::regrole::oid] then 'is not for authenticated alone'
        when y.polcmd = '*' then 'covers all verbs at once'
        when y.polcmd in ('a', 'w') and y.polwithcheck is null then 'has no with check'
        when not (has_table_privilege('authenticated', t.oid, v.verb)
          or (v.verb <> 'delete' and has_any_column_privilege('authenticated', t.oid, v.verb))) then 'its verb is not granted' end as wrong
      from (${tables}) t
      join pg_policy y on y.polrelid = t.oid
      left join (values ('select', 'r'::"char"), ('insert', 'a'), ('update', 'w'), ('delete', 'd')) v (verb, code) on v.code = y.polcmd`,
  },
  {
    name: "policies are the one sentence",
    atLeast: 15,
    query: `
      select t.object || ' ' || y.polname as object, case when exists (
        select from unnest(array[pg_get_expr(y.polqual, y.polrelid), pg_get_expr(y.polwithcheck, y.polrelid)]) e
        where e is not null and e !~ 'id = ANY \\(+ ?SELECT private\\.my_organization_ids\\('
      ) then 'does not test the organization with the array form' end as wrong
      from (${tables}) t
      join pg_policy y on y.polrelid = t.oid`,
  },
  {
    name: "channels belong to an organization",
    atLeast: 1,
    query: `
      select 'realtime.messages ' || y.polname as object, case
        when y.polroles <> array['authenticated'::regrole::oid] then 'is not for authenticated alone'
        when y.polcmd <> 'r' then 'lets people send'
        when pg_get_expr(y.polqual, y.polrelid) !~ 'SELECT private\\.my_organization_ids\\(' then 'does not test the organization' end as wrong
      from pg_policy y where y.polrelid = 'realtime.messages'::regclass`,
  },
  {
    name: "nothing is granted to everybody, nor on private tables to anybody",
    atLeast: 16,
    query: `
      select c.object, (
        select string_agg(x.grantee || ' holds ' || x.privilege, ', ')
        from (
          select case g.grantee when 0 then 'PUBLIC' else g.grantee::regrole::text end as grantee, g.privilege_type as privilege
          from (
            select (aclexplode(c.relacl)).*
            union all
            select (aclexplode(a.attacl)).* from pg_attribute a where a.attrelid = c.oid and not a.attisdropped
          ) g
          where g.grantee <> c.relowner
            and (g.grantee = 0 or 'anon'::regrole = g.grantee or 'tokentra_door'::regrole = g.grantee or (c.relnamespace = 'private'::regnamespace and c.relkind <> 'v'))
        ) x
      ) as wrong
      from (select c.*, ${named("c")} as object from pg_class c where c.relnamespace in ${ours} and c.relkind in ('r', 'p', 'v', 'm', 'S', 'f')) c`,
  },
  {
    name: "views apply tenancy",
    atLeast: 3,
    query: `
      select c.object, case
        when c.relkind = 'm' and c.reachable then 'a materialized view cannot apply tenancy'
        when c.relnamespace = 'public'::regnamespace and not coalesce(c.reloptions @> '{security_invoker=true}', false) then 'is not security_invoker'
        when c.relnamespace = 'private'::regnamespace and c.reachable and not coalesce(c.reloptions @> '{security_barrier=true}', false)
          then 'is granted and no security_barrier'
        when c.relnamespace = 'private'::regnamespace and c.reachable
          and pg_get_viewdef(c.oid) !~ 'organization_id = ANY \\(+ ?SELECT private\\.my_organization_ids\\('
          then 'is granted and does not contain the sentence of tenancy' end as wrong
      from (
        select c.*, ${named("c")} as object, exists (
          select from unnest(array['anon', 'authenticated', 'service_role', 'tokentra_door']) r
          where has_table_privilege(r, c.oid, 'select, insert, update, delete, truncate, references, trigger')
            or has_any_column_privilege(r, c.oid, 'select, insert, update, references')
        ) as reachable
        from pg_class c where c.relnamespace in ${ours} and c.relkind in ('v', 'm')
      ) c`,
  },
  {
    name: "definer functions live in private, pinned",
    atLeast: 20,
    query: `
      select p.object, case
        when p.prosecdef and p.pronamespace <> 'private'::regnamespace then 'security definer outside private'
        when p.prosecdef and not coalesce('search_path=""' = any (p.proconfig), false) then 'security definer without search_path = '''''
        end as wrong
      from (${functions}) p`,
  },
  {
    name: "definer functions that people may run look at their caller",
    atLeast: 15,
    query: `
      select p.object, case when p.prosrc !~ '(private\\.my_organization_ids|private\\.require_permission|private\\.require_user|auth\\.uid)\\('
        then 'decides without knowing who calls' end as wrong
      from (${functions}) p
      where p.prosecdef and (has_function_privilege('authenticated', p.oid, 'execute') or has_function_privilege('anon', p.oid, 'execute'))`,
  },
  {
    name: "names in functions cannot be captured",
    atLeast: 40,
    // A body in SQL-standard form was resolved when it was created, as were the parts of an aggregate; any other one has to pin its path.
    query: `
      select p.object, case when not coalesce('search_path=""' = any (p.proconfig), false) and p.prosqlbody is null and p.prokind <> 'a'
        then 'neither pins search_path nor was resolved at creation' end as wrong
      from (${functions}) p`,
  },
  {
    name: "no function is executable by PUBLIC",
    atLeast: 40,
    query: `
      select p.object, case when exists (
        select from aclexplode(coalesce(p.proacl, acldefault('f', p.proowner))) g where g.grantee = 0
      ) then 'PUBLIC may execute it' end as wrong
      from (${functions}) p`,
  },
  {
    name: "tables carry organization_id",
    atLeast: 12,
    query: `
      select t.object, case
        when not ${hasOrganization} then 'has no organization_id'
        when not (select a.attnotnull and a.atttypid = 'uuid'::regtype from pg_attribute a where a.attrelid = t.oid and a.attname = 'organization_id')
          then 'organization_id is not uuid not null'
        when not exists (
          select from pg_index i
          join pg_attribute a on a.attrelid = t.oid and a.attname = 'organization_id' and a.attnum = i.indkey[0]
          where i.indrelid = t.oid and i.indisvalid
        ) then 'organization_id is first in no index' end as wrong
      from (${tables}) t`,
  },
  {
    name: "foreign keys between tenant tables include the organization",
    atLeast: 6,
    query: `
      select c.conrelid::regclass || ' ' || c.conname as object, case when not exists (
        select from unnest(c.conkey, c.confkey) k (own, other)
        join pg_attribute a on a.attrelid = c.conrelid and a.attnum = k.own and a.attname = 'organization_id'
        join pg_attribute b on b.attrelid = c.confrelid and b.attnum = k.other and b.attname = 'organization_id'
      ) then 'can point at another tenant''s row' end as wrong
      from pg_constraint c
      join (${tables}) t on t.oid = c.conrelid and ${hasOrganization}
      where c.contype = 'f' and c.conparentid = 0
        and exists (select from pg_attribute a where a.attrelid = c.confrelid and a.attname = 'organization_id' and not a.attisdropped)`,
  },
  {
    name: "every foreign key has an index",
    atLeast: 12,
    query: `
      select c.conrelid::regclass || ' ' || c.conname as object, case when not exists (
        select from pg_index i
        where i.indrelid = c.conrelid and i.indisvalid
          and (i.indkey::int2[])[0:cardinality(c.conkey) - 1] @> c.conkey and (i.indpred is null or pg_get_expr(i.indpred, i.indrelid) like '%IS NOT NULL%')
      ) then 'no index begins with its columns' end as wrong
      from pg_constraint c
      join (${tables}) t on t.oid = c.conrelid
      where c.contype = 'f' and c.conparentid = 0`,
  },
  {
    name: "every table has a primary key",
    atLeast: 12,
    query: `
      select t.object, case when not exists (select from pg_constraint c where c.conrelid = t.oid and c.contype = 'p')
        then 'has no primary key' end as wrong
      from (${tables}) t`,
  },
  {
    name: "everything is explained",
    atLeast: 60,
    query: `
      select t.object, case when obj_description(t.oid, 'pg_class') is null then 'table without a comment' end as wrong from (${tables}) t
      union all
      select ${named("c")}, case when obj_description(c.oid, 'pg_class') is null then 'view without a comment' end
      from pg_class c where c.relnamespace in ${ours} and c.relkind in ('v', 'm')
      union all
      select p.object, case when obj_description(p.oid, 'pg_proc') is null then 'function without a comment' end from (${functions}) p`,
  },
  {
    name: "configuration is audited",
    atLeast: 8,
    query: `
      select t.object, case when (
        select count(distinct bit) from pg_trigger g, unnest(array[4, 8, 16]) bit
        where g.tgrelid = t.oid and g.tgfoid = 'private.write_audit()'::regprocedure and g.tgenabled = 'O' and g.tgtype & bit > 0
      ) < 3 then 'not every change of it reaches the audit log' end as wrong
      from (${tables}) t
      where t.relnamespace = 'public'::regnamespace and (${hasOrganization} or t.object = 'public.organizations')
        or t.object in ('private.price_contracts')`,
  },
  {
    name: "updated_at is kept by a trigger",
    atLeast: 4,
    query: `
      select t.object, case when not exists (
        select from pg_trigger g where g.tgrelid = t.oid and g.tgfoid = 'private.touch_updated_at()'::regprocedure and g.tgtype & 16 > 0
      ) then 'updated_at is left to whoever writes' end as wrong
      from (${tables}) t
      where t.relnamespace = 'public'::regnamespace
        and exists (select from pg_attribute a where a.attrelid = t.oid and a.attname = 'updated_at' and not a.attisdropped)`,
  },
  {
    name: "secrets are not in exposed tables",
    atLeast: 50,
    query: `
      select t.object || '.' || a.attname as object,
        case when a.atttypid = 'bytea'::regtype or private.redact(a.attname, '1') <> '1' then 'reads like a secret' end as wrong
      from (${tables}) t
      join pg_attribute a on a.attrelid = t.oid and a.attnum > 0 and not a.attisdropped
      where t.relnamespace = 'public'::regnamespace`,
  },
  {
    name: "everything belongs to postgres",
    atLeast: 60,
    query: `
      select t.object, case when t.relowner <> 'postgres'::regrole then 'belongs to ' || t.relowner::regrole end as wrong from (${tables}) t
      union all
      select p.object, case when p.proowner <> 'postgres'::regrole then 'belongs to ' || p.proowner::regrole end from (${functions}) p`,
  },
  {
    name: "relations keep clear of names the platform uses",
    atLeast: 9,
    // The local REST server finds relations by bare name.
    query: `
      select t.object, case when t.relname in ('users', 'sessions', 'identities', 'messages', 'job', 'secrets') then 'is a name of the platform' end as wrong
      from (${tables}) t where t.relnamespace = 'public'::regnamespace`,
  },
];
