-- Schema realtime as a hosted project has it. Run as superuser at every start: each statement must be safe to repeat
-- and must leave policies, messages and publication members that migrations created alone.

do $$
begin
  if not exists (select from pg_catalog.pg_roles where rolname = 'supabase_realtime_admin') then
    create role supabase_realtime_admin with nologin noinherit noreplication;
  end if;
end
$$;

-- A migration runs as postgres, which is no superuser: membership of the owner is what lets it write policies on realtime.messages.
grant supabase_realtime_admin to postgres;

create schema if not exists realtime;
alter schema realtime owner to supabase_realtime_admin;
grant usage on schema realtime to postgres, anon, authenticated, service_role;

create table if not exists realtime.messages (
  topic text not null,
  extension text not null,
  payload jsonb,
  event text,
  private boolean default false,
  updated_at timestamp not null default (now() at time zone 'utc'),
  inserted_at timestamp not null default (now() at time zone 'utc'),
  id uuid not null default gen_random_uuid(),
  binary_payload bytea,
  primary key (id, inserted_at),
  constraint messages_payload_exclusive check (payload is null or binary_payload is null)
) partition by range (inserted_at);

comment on table realtime.messages is
  'One row per broadcast sent from the database, and the object whose policies decide who may read or write a private channel. Kept three days.';

alter table realtime.messages owner to supabase_realtime_admin;
alter table realtime.messages enable row level security;

create index if not exists messages_inserted_at_topic_index on realtime.messages (inserted_at desc, topic)
  where extension = 'broadcast' and private is true;

-- Catches rows outside the daily partitions (a clock that jumped, a server that slept), so that sending never fails for want of one.
create table if not exists realtime.messages_default partition of realtime.messages default;
alter table realtime.messages_default owner to supabase_realtime_admin;
alter table realtime.messages_default enable row level security;

-- Partitions stay without grants: rows are reached through the parent, where the policies are.
grant select, insert, update on realtime.messages to postgres, anon, authenticated, service_role;

create or replace function realtime.topic() returns text
language sql stable set search_path = '' as $$
  select nullif(current_setting('realtime.topic', true), '')::text;
$$;
comment on function realtime.topic() is 'The channel being joined or written to, for policies on realtime.messages; null outside such a check.';

-- realtime.topic is set to the topic before each insert, because the caller's own insert policy may read realtime.topic().
-- A failed insert is a warning: an announcement must never undo the transaction it announces.
create or replace function realtime.send(payload jsonb, event text, topic text, private boolean default true) returns void
language plpgsql set search_path = '' as $$
declare
  message_id uuid := gen_random_uuid();
begin
  perform set_config('realtime.topic', topic, true);
  insert into realtime.messages (id, payload, event, topic, private, extension)
  values (
    message_id,
    case when payload ? 'id' then payload else jsonb_set(payload, '{id}', to_jsonb(message_id)) end,
    event, topic, private, 'broadcast'
  );
exception when others then
  raise warning 'WarnSendingBroadcastMessage: %', sqlerrm;
end;
$$;
comment on function realtime.send(jsonb, text, text, boolean) is
  'Broadcasts a JSON object to a channel when the transaction commits. Adds an id to the payload if it has none.';

create or replace function realtime.send_binary(payload bytea, event text, topic text, private boolean default true) returns void
language plpgsql set search_path = '' as $$
begin
  perform set_config('realtime.topic', topic, true);
  insert into realtime.messages (binary_payload, event, topic, private, extension)
  values (payload, event, topic, private, 'broadcast');
exception when others then
  raise warning 'WarnSendingBroadcastMessage: %', sqlerrm;
end;
$$;
comment on function realtime.send_binary(bytea, text, text, boolean) is 'Broadcasts bytes to a channel when the transaction commits.';

create or replace function realtime.broadcast_changes(
  topic_name text, event_name text, operation text, table_name text, table_schema text,
  new record, old record, level text default 'ROW'
) returns void
language plpgsql set search_path = '' as $$
begin
  if level = 'STATEMENT' then
    raise exception 'function can only be triggered for each row, not for each statement';
  end if;
  if operation not in ('INSERT', 'UPDATE', 'DELETE') then
    raise exception 'Unexpected operation type: %', operation;
  end if;
  perform realtime.send(
    jsonb_build_object('old_record', old, 'record', new, 'operation', operation, 'table', table_name, 'schema', table_schema),
    event_name, topic_name
  );
exception when others then
  raise exception 'Failed to process the row: %', sqlerrm;
end;
$$;
comment on function realtime.broadcast_changes(text, text, text, text, text, record, record, text) is
  'For row triggers: broadcasts the old and new row on a private channel.';

create or replace function realtime.maintain_messages() returns void
language plpgsql set search_path = '' as $$
declare
  today date := (now() at time zone 'utc')::date;
  day date;
  partition text;
begin
  for day in select generate_series(today - 1, today + 3, interval '1 day')::date loop
    partition := to_char(day, '"messages_"YYYY_MM_DD');
    -- Rows already in the default partition would make "create" fail; that day then simply stays there until it expires.
    continue when to_regclass(format('realtime.%I', partition)) is not null
      or exists (select from realtime.messages_default m where m.inserted_at >= day and m.inserted_at < day + 1);
    execute format(
      'create table realtime.%I partition of realtime.messages for values from (%L) to (%L)', partition, day, day + 1);
    execute format('alter table realtime.%I owner to supabase_realtime_admin', partition);
    execute format('alter table realtime.%I enable row level security', partition);
  end loop;
  for partition in
    select c.relname from pg_catalog.pg_inherits i join pg_catalog.pg_class c on c.oid = i.inhrelid
    where i.inhparent = 'realtime.messages'::regclass
      and c.relname ~ '^messages_\d{4}_\d{2}_\d{2}$'
      and to_date(right(c.relname, 10), 'YYYY_MM_DD') < today - 3
  loop
    execute format('drop table realtime.%I', partition);
  end loop;
  delete from realtime.messages_default where inserted_at < today - 3;
end;
$$;
comment on function realtime.maintain_messages() is
  'Creates the daily partitions of realtime.messages from yesterday to three days ahead and drops those older than three days. For the realtime server.';

alter function realtime.topic() owner to supabase_realtime_admin;
alter function realtime.send(jsonb, text, text, boolean) owner to supabase_realtime_admin;
alter function realtime.send_binary(bytea, text, text, boolean) owner to supabase_realtime_admin;
alter function realtime.broadcast_changes(text, text, text, text, text, record, record, text) owner to supabase_realtime_admin;
alter function realtime.maintain_messages() owner to supabase_realtime_admin;

revoke all on function realtime.maintain_messages() from public;
grant execute on function
  realtime.topic(),
  realtime.send(jsonb, text, text, boolean),
  realtime.send_binary(bytea, text, text, boolean),
  realtime.broadcast_changes(text, text, text, text, text, record, record, text)
to postgres, anon, authenticated, service_role;

select realtime.maintain_messages();

do $$
begin
  if not exists (select from pg_catalog.pg_publication where pubname = 'supabase_realtime') then
    create publication supabase_realtime;
  end if;
  if not exists (select from pg_catalog.pg_publication where pubname = 'supabase_realtime_messages_publication') then
    -- Through the root, so that a new daily partition needs no change here; inserts only, so that retention stays silent.
    create publication supabase_realtime_messages_publication for table realtime.messages
      with (publish = 'insert', publish_via_partition_root = true);
  end if;
end
$$;
-- "alter publication supabase_realtime add table …" in a migration needs ownership.
alter publication supabase_realtime owner to postgres;
alter publication supabase_realtime_messages_publication owner to supabase_admin;
