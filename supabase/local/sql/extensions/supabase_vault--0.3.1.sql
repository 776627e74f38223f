-- The SQL surface of supabase_vault 0.3: encrypted with the key in supabase_local.settings, which only the superuser reads.

create table vault.secrets (
  id uuid primary key default gen_random_uuid(),
  name text,
  description text not null default '',
  secret text not null,
  key_id uuid,
  nonce bytea,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now()
);
create unique index secrets_name_idx on vault.secrets (name) where name is not null;

create function vault._encrypt(secret text) returns text
language sql security definer set search_path = '' as $$
  select pg_catalog.encode(extensions.pgp_sym_encrypt(secret, value), 'base64') from supabase_local.settings where name = 'vault_key'
$$;

create function vault._decrypt(secret text) returns text
language sql security definer set search_path = '' as $$
  select extensions.pgp_sym_decrypt(pg_catalog.decode(secret, 'base64'), value) from supabase_local.settings where name = 'vault_key'
$$;

create view vault.decrypted_secrets as
  select id, name, description, secret, vault._decrypt(secret) as decrypted_secret, key_id, nonce, created_at, updated_at
    from vault.secrets;

create function vault.create_secret(new_secret text, new_name text default null, new_description text default '', new_key_id uuid default null)
returns uuid language sql security definer set search_path = '' as $$
  insert into vault.secrets (secret, name, description) values (vault._encrypt(new_secret), new_name, new_description) returning id
$$;

create function vault.update_secret(
  secret_id uuid, new_secret text default null, new_name text default null, new_description text default null, new_key_id uuid default null
) returns void language sql security definer set search_path = '' as $$
  update vault.secrets
     set secret = coalesce(vault._encrypt(new_secret), secret), name = coalesce(new_name, name),
         description = coalesce(new_description, description), updated_at = pg_catalog.now()
   where id = secret_id
$$;

revoke all on all functions in schema vault from public;
revoke all on all tables in schema vault from public;
grant usage on schema vault to postgres, service_role;
grant select, delete on vault.secrets, vault.decrypted_secrets to postgres, service_role;
grant execute on function vault.create_secret, vault.update_secret, vault._decrypt to postgres, service_role;
