-- Views that people keep: a page with its range, filters and everything else that its address says, under a name.

create table public.saved_views (
  id uuid primary key default private.uuid_v7(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  owner_id uuid not null references auth.users (id) on delete cascade,
  name text not null constraint saved_views_name_shape check (private.is_name(name)),
  page text not null constraint saved_views_page_known check (
    page in ('overview', 'explore', 'requests', 'teams', 'projects', 'people', 'models', 'providers', 'what-if')
  ),
  query text not null constraint saved_views_query_shape check (char_length(query) <= 4000 and query !~ '[[:cntrl:][:space:]#]'),
  is_shared boolean not null default false,
  created_at timestamptz not null default now(),
  updated_at timestamptz not null default now(),
  unique (organization_id, id),
  unique (organization_id, owner_id, name)
);
comment on table public.saved_views is
  'A page and its query string under a name. Its owner sees it, and everyone who may read the usage once it is shared; it opens with the reader''s own rights. Written by save_view() and remove_view() alone.';
create index saved_views_owner on public.saved_views (owner_id);

create trigger touch_updated_at before update on public.saved_views
for each row execute function private.touch_updated_at();

alter table public.saved_views enable row level security;
alter table public.saved_views force row level security;
create policy saved_views_select on public.saved_views for select to authenticated
using (
  organization_id = any ((select private.my_organization_ids('usage.read'))::uuid[])
  and (is_shared or owner_id = (select auth.uid()))
);

-- What one keeps for oneself is nobody's business; what others see is on record.
create trigger audit_insert after insert on public.saved_views
for each row when (new.is_shared) execute function private.write_audit('saved_view', 'name');
create trigger audit_update after update on public.saved_views
for each row when (old.is_shared or new.is_shared) execute function private.write_audit('saved_view', 'name');
create trigger audit_delete after delete on public.saved_views
for each row when (old.is_shared) execute function private.write_audit('saved_view', 'name');

create function private.save_view(
  p_organization_id uuid, p_name text, p_page text, p_query text, p_is_shared boolean
) returns uuid
language plpgsql security definer set search_path = '' as $$
declare
  v_id uuid;
begin
  perform private.require_permission(p_organization_id, 'usage.read');
  if auth.uid() is null then
    perform private.raise_error('forbidden', 'Only a person can save a view.');
  end if;
  if p_is_shared then
    -- Whoever only looks on, as a visitor of the demo does, puts nothing before others.
    perform private.require_permission(p_organization_id, 'teams.read');
  end if;
  if (select count(*) from public.saved_views v where v.organization_id = p_organization_id and v.owner_id = auth.uid() and v.name <> p_name) >= 200 then
    perform private.raise_error('conflict', 'You have saved 200 views here. Remove one first.');
  end if;
  insert into public.saved_views (organization_id, owner_id, name, page, query, is_shared)
  values (p_organization_id, auth.uid(), p_name, p_page, p_query, coalesce(p_is_shared, false))
  on conflict (organization_id, owner_id, name)
  do update set page = excluded.page, query = excluded.query, is_shared = excluded.is_shared
  returning id into v_id;
  return v_id;
end
$$;
comment on function private.save_view(uuid, text, text, text, boolean) is 'Body of public.save_view().';

create function private.remove_view(p_organization_id uuid, p_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
begin
  perform private.require_permission(p_organization_id, 'usage.read');
  delete from public.saved_views v
  where v.organization_id = p_organization_id and v.id = p_id
    and (v.owner_id = auth.uid()
      or v.is_shared and p_organization_id = any ((select private.my_organization_ids('organization.write'))::uuid[]));
  if not found then
    perform private.raise_error('not_found', 'Not found.');
  end if;
end
$$;
comment on function private.remove_view(uuid, uuid) is 'Body of public.remove_view().';

create function public.save_view(
  p_organization_id uuid, p_name text, p_page text, p_query text, p_is_shared boolean default false
) returns uuid
language sql security invoker set search_path = '' as $$
  select private.save_view(p_organization_id, p_name, p_page, p_query, p_is_shared)
$$;
comment on function public.save_view(uuid, text, text, text, boolean) is
  'Keeps a page and its query string (without "?") under a name for the caller; the same name again replaces it. Shared: everyone who may read the usage sees it, which takes a member''s role. Returns its id. Codes: not_found, forbidden, invalid, conflict (more than 200).';

create function public.remove_view(p_organization_id uuid, p_id uuid) returns void
language sql security invoker set search_path = '' as $$ select private.remove_view(p_organization_id, p_id) $$;
comment on function public.remove_view(uuid, uuid) is
  'Removes a view of the caller''s own, or a shared one as the organization''s owner. Codes: not_found, forbidden.';

grant select on public.saved_views to authenticated;
grant select on public.saved_views to service_role;
grant execute on function private.save_view(uuid, text, text, text, boolean), private.remove_view(uuid, uuid) to authenticated;
grant execute on function public.save_view(uuid, text, text, text, boolean), public.remove_view(uuid, uuid) to authenticated;
