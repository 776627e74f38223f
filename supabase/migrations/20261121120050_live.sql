-- Live: the database says "something changed" on the organization's private channel and the browser asks its questions again.
-- One message per organization and batch, never rows.

create function private.announce_usage(p_organization_id uuid) returns void
language plpgsql volatile security definer set search_path = '' as $$
begin
  -- Announcing must never undo what it announces.
  begin
    perform realtime.send(jsonb_build_object('at', now()), 'usage', 'organization:' || p_organization_id, true);
  exception when others then
    raise warning 'usage was stored but not announced: %', sqlerrm;
  end;
end
$$;
comment on function private.announce_usage(uuid) is
  'Sends the event "usage" on the private channel organization:<id>; its name is the first element of every query key it makes stale.';

create policy members_receive_organization on realtime.messages for select to authenticated using (
  realtime.messages.extension = 'broadcast'
  and (select realtime.topic()) = any (
    select 'organization:' || id from unnest((select private.my_organization_ids('usage.read'))::uuid[]) id
  )
);
