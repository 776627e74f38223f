-- What every later file leans on: the private schema, the privileges nobody gets by default, ids, errors.
-- Applied as the role postgres, which owns everything and is no superuser.

create extension if not exists pgcrypto with schema extensions;
create extension if not exists btree_gist with schema extensions;

create schema if not exists private;
comment on schema private is
  'Not exposed by the API: ledgers, metering tables, secrets, policy functions and the definer bodies behind the functions of public.';

-- Privileges are granted by name at the end of each file; nothing is reachable because it was created.
-- PUBLIC's right to execute is a global default, so it can only be revoked without "in schema".
alter default privileges revoke execute on functions from public;
alter default privileges in schema public revoke all on tables from anon, authenticated, service_role;
alter default privileges in schema public revoke all on sequences from anon, authenticated, service_role;
alter default privileges in schema public revoke all on functions from anon, authenticated, service_role;

-- The role of the machine doors. It may execute a listed set of functions and touches no table.
do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'tokentra_door') then
    create role tokentra_door nologin noinherit;
  end if;
end
$$;
grant tokentra_door to postgres with inherit false, set true;

revoke all on schema private from public;
grant usage on schema private to anon, authenticated, tokentra_door;
grant usage on schema public to tokentra_door;

create function private.uuid_v7() returns uuid
language sql volatile parallel safe
return encode(
  set_bit(
    set_bit(
      overlay(
        uuid_send(gen_random_uuid())
        placing substring(int8send((extract(epoch from clock_timestamp()) * 1000)::bigint) from 3)
        from 1 for 6
      ),
      52, 1
    ),
    53, 1
  ),
  'hex'
)::uuid;
comment on function private.uuid_v7() is
  'UUID version 7 (RFC 9562): milliseconds first, so that keys are appended to their index. No pinned search path, because that would keep it from being inlined; its body is parsed once, at creation.';

create function private.is_name(p_name text) returns boolean
language sql immutable strict parallel safe
return char_length(p_name) <= 80 and p_name ~ '[^[:space:]]' and p_name !~ '[[:cntrl:]]';
comment on function private.is_name(text) is
  'One line of 1 to 80 characters that are not all blank: names end up in mail headers and log lines.';

create function private.touch_updated_at() returns trigger
language plpgsql set search_path = '' as $$
begin
  new.updated_at := now();
  return new;
end
$$;
comment on function private.touch_updated_at() is 'Before-update trigger: keeps updated_at true whoever writes.';

create function private.raise_error(p_code text, p_message text, p_field text default null) returns void
language plpgsql set search_path = '' as $$
declare
  v_status text := case p_code
    when 'invalid' then '400'
    when 'unauthenticated' then '401'
    when 'budget_exceeded' then '402'
    when 'forbidden' then '403'
    when 'not_found' then '404'
    when 'conflict' then '409'
    when 'too_large' then '413'
    when 'unprocessable' then '422'
    when 'rate_limited' then '429'
    when 'unavailable' then '503'
  end;
begin
  if v_status is null then
    raise exception 'private.raise_error knows no code %', p_code;
  end if;
  raise exception using
    errcode = 'PT' || v_status,
    message = p_message,
    detail = jsonb_build_object('code', p_code, 'field', p_field)::text;
end
$$;
comment on function private.raise_error(text, text, text) is
  'Refuses with one of the closed error codes. SQLSTATE PTxyz makes the API answer with HTTP status xyz; detail carries {code, field} for TypeScript.';

grant execute on function private.uuid_v7(), private.is_name(text) to authenticated;
grant execute on function private.raise_error(text, text, text) to authenticated, tokentra_door;
