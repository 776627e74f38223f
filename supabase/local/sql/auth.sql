-- What the Auth schema needs beyond the tables that lite creates. Idempotent: run at every start, as supabase_admin.

-- lite's own forms fall short: auth.email() reads a setting that nobody sets, auth.jwt() is {} for anon.
create or replace function auth.uid() returns uuid language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.sub', true), ''),
    (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'sub')
  )::uuid
$$;

create or replace function auth.role() returns text language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.role', true), ''),
    (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'role')
  )::text
$$;

create or replace function auth.email() returns text language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim.email', true), ''),
    (nullif(current_setting('request.jwt.claims', true), '')::jsonb ->> 'email')
  )::text
$$;

create or replace function auth.jwt() returns jsonb language sql stable as $$
  select coalesce(
    nullif(current_setting('request.jwt.claim', true), ''),
    nullif(current_setting('request.jwt.claims', true), '')
  )::jsonb
$$;

-- GoTrue's record of how a session began; lite has none, and a refreshed token must still say it.
create table if not exists auth.mfa_amr_claims (
  id uuid primary key default gen_random_uuid(),
  session_id uuid not null references auth.sessions (id) on delete cascade,
  authentication_method text not null,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  constraint mfa_amr_claims_session_id_authentication_method_pkey unique (session_id, authentication_method)
);

-- Everything in auth belongs to the Auth role, postgres may use it (triggers on auth.users, foreign keys, joins).
do $owners$
declare
  item record;
begin
  for item in
    select format('table auth.%I', relname) as object
      from pg_catalog.pg_class
     where relnamespace = 'auth'::regnamespace and relkind in ('r', 'p') and relowner <> 'supabase_auth_admin'::regrole
    union all
    select format('function %s', oid::regprocedure)
      from pg_catalog.pg_proc
     where pronamespace = 'auth'::regnamespace and proowner <> 'supabase_auth_admin'::regrole
  loop
    execute format('alter %s owner to supabase_auth_admin', item.object);
  end loop;
end
$owners$;

grant all on all tables in schema auth to postgres, dashboard_user;
grant all on all sequences in schema auth to postgres, dashboard_user;
grant execute on function auth.uid(), auth.role(), auth.email(), auth.jwt() to public;

-- lite makes its ids itself; rows made by SQL (seeds, the admin API) need them as well.
alter table auth.users alter column id set default gen_random_uuid();
alter table auth.identities alter column id set default gen_random_uuid();

-- Row-level security with no policy, as on the hosted platform: only the owner and bypassrls roles see these tables.
do $rls$
declare
  item record;
begin
  for item in
    select relname from pg_catalog.pg_class
     where relnamespace = 'auth'::regnamespace and relkind = 'r' and not relrowsecurity
  loop
    execute format('alter table auth.%I enable row level security', item.relname);
  end loop;
end
$rls$;

grant all on schema supabase_migrations to postgres;
do $migrations$
declare
  item record;
begin
  for item in
    select relname from pg_catalog.pg_class
     where relnamespace = 'supabase_migrations'::regnamespace and relkind = 'r' and relowner <> 'postgres'::regrole
  loop
    execute format('alter table supabase_migrations.%I owner to postgres', item.relname);
  end loop;
end
$migrations$;
