-- Roles, schemas and default rights as on the hosted platform. Idempotent: run at every start, as supabase_admin.
-- postgres is deliberately NOT a superuser: what a migration may not do there, it may not do here.

do $roles$
declare
  wanted record;
begin
  for wanted in
    select * from (values
      ('postgres', 'login createrole createdb replication bypassrls'),
      ('anon', 'nologin noinherit'),
      ('authenticated', 'nologin noinherit'),
      ('service_role', 'nologin noinherit bypassrls'),
      ('authenticator', 'login noinherit'),
      ('dashboard_user', 'nologin createrole createdb replication'),
      ('supabase_auth_admin', 'nologin noinherit createrole'),
      ('supabase_storage_admin', 'nologin noinherit createrole'),
      ('supabase_realtime_admin', 'nologin noinherit'),
      ('supabase_functions_admin', 'nologin noinherit'),
      ('supabase_replication_admin', 'nologin replication'),
      ('supabase_read_only_user', 'nologin bypassrls'),
      -- Not on the hosted platform: the login of the REST and Auth server, which is two servers there.
      ('supabase_lite', 'login noinherit')
    ) as role (name, attributes)
  loop
    if not exists (select from pg_catalog.pg_roles where rolname = wanted.name) then
      execute format('create role %I %s', wanted.name, wanted.attributes);
    end if;
  end loop;
end
$roles$;

grant anon, authenticated, service_role to authenticator;
grant anon, authenticated, service_role, supabase_auth_admin to supabase_lite;
grant anon, authenticated, service_role, authenticator to postgres with admin option;
grant supabase_auth_admin, supabase_realtime_admin, pg_monitor, pg_read_all_data, pg_signal_backend, pg_checkpoint to postgres;
grant pg_read_all_data to supabase_read_only_user;

-- A role that is no superuser may not name a setting nobody declared; PostgREST's own are meant to be set by migrations.
grant set on parameter pgrst.db_aggregates_enabled, pgrst.db_plan_enabled, pgrst.db_schemas, pgrst.db_max_rows, pgrst.db_tx_end to postgres;

-- Settings the REST server applies with `set local` when it takes a role (as PostgREST does).
alter role anon set statement_timeout = '3s';
alter role authenticated set statement_timeout = '8s';
-- Between requests, and for the Auth server, this login is the Auth role.
alter role supabase_lite set role = 'supabase_auth_admin';
alter role authenticator set statement_timeout = '8s';

do $database$
begin
  execute format('alter database %I owner to postgres', current_database());
  execute format('alter database %I set search_path to "$user", public, extensions', current_database());
  execute format('grant all on database %I to postgres, dashboard_user', current_database());
  execute format('grant create on database %I to supabase_auth_admin, supabase_realtime_admin, supabase_storage_admin', current_database());
end
$database$;
set search_path to "$user", public, extensions;

create schema if not exists extensions authorization postgres;
-- Owned by the superuser: postgres is a member of supabase_auth_admin (triggers on auth.users) and must not be able to drop it.
create schema if not exists auth authorization supabase_admin;
create schema if not exists realtime authorization supabase_admin;
create schema if not exists vault authorization supabase_admin;
create schema if not exists supabase_migrations authorization postgres;
alter schema public owner to postgres;

grant usage on schema public, extensions to postgres, anon, authenticated, service_role;
grant usage on schema auth to postgres, anon, authenticated, service_role, dashboard_user;
grant usage on schema realtime to postgres, anon, authenticated, service_role;
grant usage on schema vault to postgres, service_role;
grant all on schema auth to supabase_auth_admin;

-- New objects in public are reachable unless a migration revokes it, exactly as on the hosted platform.
-- Once, in the beginning: granted again at the next start it would undo what a migration revoked.
do $defaults$
declare
  owner text;
begin
  if exists (select from pg_catalog.pg_default_acl where defaclnamespace = 'public'::regnamespace) then
    return;
  end if;
  foreach owner in array array['postgres', 'supabase_admin'] loop
    execute format('alter default privileges for role %I in schema public grant all on tables to postgres, anon, authenticated, service_role', owner);
    execute format('alter default privileges for role %I in schema public grant all on functions to postgres, anon, authenticated, service_role', owner);
    execute format('alter default privileges for role %I in schema public grant all on sequences to postgres, anon, authenticated, service_role', owner);
  end loop;
end
$defaults$;

create extension if not exists "uuid-ossp" with schema extensions;
create extension if not exists pgcrypto with schema extensions;
create extension if not exists pg_stat_statements with schema extensions;

do $publication$
begin
  if not exists (select from pg_catalog.pg_publication where pubname = 'supabase_realtime') then
    create publication supabase_realtime;
  end if;
  alter publication supabase_realtime owner to postgres;
end
$publication$;
