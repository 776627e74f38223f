-- Changing who belongs to an organization. The table itself is written by these functions only.

create function private.guard_last_owner() returns trigger
language plpgsql security definer set search_path = '' as $$
begin
  -- Two owners who step down at the same moment queue here, so the second one sees the first one gone.
  perform from public.organizations o where o.id = old.organization_id for no key update;
  if not found then
    return null; -- the organization itself is being deleted
  end if;
  if not exists (select from public.organization_members m where m.organization_id = old.organization_id and m.role = 'owner') then
    perform private.raise_error('conflict', 'An organization needs an owner: make somebody else owner first.', 'role');
  end if;
  return null;
end
$$;
comment on function private.guard_last_owner() is 'Trigger: no change, by whatever road, leaves an organization without an owner.';

create trigger guard_last_owner_on_update after update of role on public.organization_members
for each row when (old.role = 'owner' and new.role <> 'owner') execute function private.guard_last_owner();
create trigger guard_last_owner_on_delete after delete on public.organization_members
for each row when (old.role = 'owner') execute function private.guard_last_owner();

create function private.is_owner(p_organization_id uuid) returns boolean
language sql stable security definer set search_path = '' as $$
  select exists (
    select from public.organization_members m
    where m.organization_id = p_organization_id and m.user_id = auth.uid() and m.role = 'owner'
  )
$$;
comment on function private.is_owner(uuid) is 'Whether the caller owns the organization; only owners make, change and remove owners.';

create function private.set_member_role(p_organization_id uuid, p_user_id uuid, p_role public.organization_role) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_role public.organization_role;
begin
  perform private.require_permission(p_organization_id, 'members.write');
  if p_role is null then
    perform private.raise_error('invalid', 'role is missing.', 'role');
  end if;
  perform from public.organizations o where o.id = p_organization_id for no key update;
  select m.role into v_role
  from public.organization_members m
  where m.organization_id = p_organization_id and m.user_id = p_user_id
  for update;
  if not found then
    perform private.raise_error('not_found', 'Not found.');
  end if;
  if (v_role = 'owner' or p_role = 'owner') and not private.is_owner(p_organization_id) then
    perform private.raise_error('forbidden', 'Only an owner may make or change an owner.', 'role');
  end if;
  update public.organization_members m set role = p_role
  where m.organization_id = p_organization_id and m.user_id = p_user_id and m.role <> p_role;
end
$$;
comment on function private.set_member_role(uuid, uuid, public.organization_role) is 'Body of public.set_member_role.';

create function public.set_member_role(p_organization_id uuid, p_user_id uuid, p_role public.organization_role) returns void
language sql security invoker set search_path = '' as $$
  select private.set_member_role(p_organization_id, p_user_id, p_role)
$$;
comment on function public.set_member_role(uuid, uuid, public.organization_role) is
  'Gives a member another role. Owners are made and changed by owners only; the last one stays. Codes: not_found, forbidden, conflict, invalid.';

create function private.remove_member(p_organization_id uuid, p_user_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_role public.organization_role;
begin
  perform private.require_permission(
    p_organization_id,
    case when p_user_id = auth.uid() then 'organization.read' else 'members.write' end::public.permission
  );
  perform from public.organizations o where o.id = p_organization_id for no key update;
  select m.role into v_role
  from public.organization_members m
  where m.organization_id = p_organization_id and m.user_id = p_user_id
  for update;
  if not found then
    perform private.raise_error('not_found', 'Not found.');
  end if;
  if v_role = 'owner' and not private.is_owner(p_organization_id) then
    perform private.raise_error('forbidden', 'Only an owner may remove an owner.');
  end if;
  delete from public.organization_members m where m.organization_id = p_organization_id and m.user_id = p_user_id;
end
$$;
comment on function private.remove_member(uuid, uuid) is 'Body of public.remove_member.';

create function public.remove_member(p_organization_id uuid, p_user_id uuid) returns void
language sql security invoker set search_path = '' as $$
  select private.remove_member(p_organization_id, p_user_id)
$$;
comment on function public.remove_member(uuid, uuid) is
  'Ends a membership at once, team memberships included. Removing oneself is leaving, which every role may. Codes: not_found, forbidden, conflict (last owner).';

create function private.organization_members_list(p_organization_id uuid)
returns table (user_id uuid, email text, name text, role public.organization_role, joined_at timestamptz, last_sign_in_at timestamptz)
language plpgsql stable security definer set search_path = '' as $$
begin
  perform private.require_permission(p_organization_id, 'members.read');
  return query
  select m.user_id, u.email::text, coalesce(u.raw_user_meta_data ->> 'name', u.raw_user_meta_data ->> 'full_name'), m.role,
    m.created_at, u.last_sign_in_at::timestamptz
  from public.organization_members m
  join auth.users u on u.id = m.user_id
  where m.organization_id = p_organization_id
  order by m.role, lower(u.email), m.user_id;
end
$$;
comment on function private.organization_members_list(uuid) is 'Body of public.organization_members_list.';

create function public.organization_members_list(p_organization_id uuid)
returns table (user_id uuid, email text, name text, role public.organization_role, joined_at timestamptz, last_sign_in_at timestamptz)
language sql stable security invoker set search_path = '' as $$
  select * from private.organization_members_list(p_organization_id)
$$;
comment on function public.organization_members_list(uuid) is
  'Who belongs to the organization, owners first, then by e-mail. Codes: not_found, forbidden.';

grant execute on function
  private.set_member_role(uuid, uuid, public.organization_role), public.set_member_role(uuid, uuid, public.organization_role),
  private.remove_member(uuid, uuid), public.remove_member(uuid, uuid),
  private.organization_members_list(uuid), public.organization_members_list(uuid)
to authenticated;
