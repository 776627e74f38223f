-- The audit log: who changed which configuration, from what to what. Written by one trigger function, never changed afterwards.

create table public.audit_log (
  id uuid not null default private.uuid_v7(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  occurred_at timestamptz not null default clock_timestamp(),
  actor_type text not null constraint audit_log_actor_type check (actor_type in ('user', 'api_key', 'system')),
  actor_id uuid,
  actor_label text not null,
  action text not null,
  entity_type text not null,
  entity_id text not null,
  entity_label text,
  changes jsonb not null,
  request_id text,
  ip inet,
  primary key (organization_id, id)
);
comment on table public.audit_log is 'Append-only: every change of configuration, with old and new values. Secrets never appear in it.';
comment on column public.audit_log.actor_label is 'E-mail or key prefix at the time; it stays readable when the person is gone.';
comment on column public.audit_log.changes is '{field: {old, new}}; secret fields show that they changed, not what they are.';
comment on column public.audit_log.ip is 'As the API gateway reports it.';
create index audit_log_newest on public.audit_log (organization_id, occurred_at desc, id desc);
create index audit_log_entity on public.audit_log (organization_id, entity_type, entity_id, occurred_at desc);

create function private.keep_audit_log() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  if tg_op = 'DELETE' and not exists (select from public.organizations o where o.id = old.organization_id) then
    return old; -- it goes with its organization, and only then
  end if;
  raise exception 'The audit log is append-only.' using errcode = '42501';
end
$$;
comment on function private.keep_audit_log() is 'Trigger: not even the owner of the table changes or removes an entry.';
create trigger keep_audit_log before update or delete on public.audit_log
for each row execute function private.keep_audit_log();
create trigger keep_audit_log_whole before truncate on public.audit_log
for each statement execute function private.keep_audit_log();

create function private.redact(p_field text, p_value jsonb) returns jsonb
language plpgsql immutable set search_path = '' as $$
begin
  if p_value is null or p_value = 'null' then
    return null;
  elsif p_field ~* '(^|_)(secret|secrets|password|token|hash|ciphertext|credential|credentials|private_key|authorization|webhook_url)$' then
    return '"[redacted]"';
  elsif jsonb_typeof(p_value) = 'object' then
    return (select coalesce(jsonb_object_agg(f.key, private.redact(f.key, f.value)), '{}') from jsonb_each(p_value) f);
  elsif jsonb_typeof(p_value) = 'array' then
    return (select coalesce(jsonb_agg(private.redact(p_field, e.value) order by e.ordinality), '[]')
      from jsonb_array_elements(p_value) with ordinality e);
  end if;
  return p_value;
end
$$;
comment on function private.redact(text, jsonb) is 'The value as the audit log may show it: fields named like a secret are replaced, at any depth.';

create function private.request_header(p_name text) returns text
language sql stable set search_path = '' as $$
  select left(nullif(current_setting('request.headers', true), '')::jsonb ->> p_name, 200)
$$;
comment on function private.request_header(text) is 'A header of the API request this transaction serves, at most 200 characters, or null.';

create function private.write_audit() returns trigger
language plpgsql security definer set search_path = '' as $$
declare
  v_entity_type text := tg_argv[0];
  v_label_column text := tg_argv[1];
  v_old jsonb := case when tg_op <> 'INSERT' then to_jsonb(old) end;
  v_new jsonb := case when tg_op <> 'DELETE' then to_jsonb(new) end;
  v_row jsonb := coalesce(v_new, v_old);
  v_organization_id uuid := coalesce(v_row ->> 'organization_id', v_row ->> 'id')::uuid;
  v_changes jsonb;
  v_forwarded text := btrim(split_part(private.request_header('x-forwarded-for'), ',', 1));
  v_ip inet;
  v_actor record;
begin
  select coalesce(
    jsonb_object_agg(f, jsonb_build_object('old', private.redact(f, v_old -> f), 'new', private.redact(f, v_new -> f))), '{}'
  ) into v_changes
  from jsonb_object_keys(v_row) f
  where f not in ('id', 'organization_id', 'created_at', 'updated_at', 'last_used_at')
    and nullif(v_old -> f, 'null') is distinct from nullif(v_new -> f, 'null');
  if tg_op = 'UPDATE' and v_changes = '{}' then
    return null;
  end if;
  if tg_op = 'DELETE' and not exists (select from public.organizations o where o.id = v_organization_id) then
    return null; -- the organization is being deleted, and its log with it
  end if;

  -- Not a case expression: planned with the value at hand, its cast would run before its condition.
  if pg_input_is_valid(v_forwarded, 'inet') then
    v_ip := v_forwarded::inet;
  end if;

  select a.* into v_actor from (
    select 1 as rank, 'api_key' as type, k.id, k.prefix as label
    from private.usable_api_keys u
    join public.api_keys k on k.organization_id = u.organization_id and k.id = u.api_key_id
    where u.key_hash = decode(nullif(current_setting('tokentra.api_key_hash', true), ''), 'hex')
    union all
    select 2, 'user', auth.uid(), coalesce((select u.email::text from auth.users u where u.id = auth.uid()), auth.uid()::text)
    where auth.uid() is not null
    union all
    select 3, 'system', null, 'TokenTRA'
  ) a
  order by a.rank
  limit 1;

  insert into public.audit_log (
    organization_id, actor_type, actor_id, actor_label, action, entity_type, entity_id, entity_label, changes, request_id, ip
  ) values (
    v_organization_id, v_actor.type, v_actor.id, v_actor.label,
    v_entity_type || case
      when tg_op = 'INSERT' then '.created'
      when tg_op = 'DELETE' then '.deleted'
      when v_changes #>> '{revoked_at,new}' is not null then '.revoked'
      when v_changes #>> '{accepted_at,new}' is not null then '.accepted'
      when v_entity_type = 'api_key' and v_changes ? 'prefix' then '.rotated'
      else '.updated'
    end,
    v_entity_type,
    coalesce(v_row ->> 'id', v_row ->> 'user_id', v_organization_id::text),
    case v_label_column
      when 'user_id' then coalesce((select u.email::text from auth.users u where u.id = (v_row ->> 'user_id')::uuid), v_row ->> 'user_id')
      else v_row ->> v_label_column
    end,
    v_changes,
    private.request_header('x-request-id'),
    v_ip
  );
  return null;
end
$$;
comment on function private.write_audit() is
  'Trigger (entity type, label column): one audit entry per changed row of a configuration table, with the actor of the transaction.';

create trigger audit after insert or update or delete on public.organizations
for each row execute function private.write_audit('organization', 'name');
create trigger audit after insert or update or delete on public.organization_members
for each row execute function private.write_audit('member', 'user_id');
create trigger audit after insert or update or delete on public.teams
for each row execute function private.write_audit('team', 'name');
create trigger audit after insert or update or delete on public.team_members
for each row execute function private.write_audit('team_member', 'user_id');
create trigger audit after insert or update or delete on public.projects
for each row execute function private.write_audit('project', 'name');
create trigger audit after insert or update or delete on public.invitations
for each row execute function private.write_audit('invitation', 'email');

alter table public.audit_log enable row level security;
alter table public.audit_log force row level security;
create policy audit_log_select on public.audit_log for select to authenticated
using (organization_id = any ((select private.my_organization_ids('audit.read'))::uuid[]));

grant select on public.audit_log to authenticated, service_role;
