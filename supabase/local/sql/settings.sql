-- Secrets that the local shims need inside the database (the vault's key). No role of the API reaches this schema;
-- postgres does through pg_read_all_data, and may decrypt the secrets anyway.
create schema if not exists supabase_local authorization supabase_admin;
revoke all on schema supabase_local from public;

create table if not exists supabase_local.settings (
  name text primary key,
  value text not null
);
revoke all on supabase_local.settings from public;
comment on table supabase_local.settings is 'Local stack only: values the extension shims read as their owner.';
