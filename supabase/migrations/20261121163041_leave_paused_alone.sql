-- A paused connection is no reason to call the worker.

create or replace function private.call_sync_worker() returns bigint
language plpgsql volatile security definer set search_path = '' as $$
declare
  v_url text;
  v_token text;
begin
  select s.decrypted_secret into v_url from vault.decrypted_secrets s where s.name = 'project_url';
  if v_url is null or not exists (
    select from private.connection_syncs s
    join public.connections c on c.organization_id = s.organization_id and c.id = s.connection_id
    where s.next_at <= now() and (s.lease_until is null or s.lease_until < now()) and not c.is_paused
  ) then
    return null;
  end if;
  delete from private.sync_calls c where c.called_at < now() - interval '1 day';
  v_token := private.random_text();
  insert into private.sync_calls (token_hash) values (sha256(convert_to(v_token, 'UTF8')));
  return net.http_post(v_url || '/functions/v1/sync-connections', jsonb_build_object('token', v_token), timeout_milliseconds => 150000);
end
$$;
