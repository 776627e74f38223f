-- The demo organization: one clearly labelled tenant with generated history. Anyone who is signed in may look around in it; its owner may remove it.

create function private.join_demo_organization() returns text
language plpgsql security definer set search_path = '' as $$
declare
  v_demo public.organizations;
begin
  if auth.uid() is null then
    perform private.raise_error('unauthenticated', 'Sign in to explore the demo organization.');
  end if;
  select o.* into v_demo from public.organizations o where o.is_demo order by o.created_at limit 1;
  if v_demo.id is null then
    perform private.raise_error('not_found', 'No demo organization is loaded here. `npm run up` loads one.');
  end if;
  insert into public.organization_members (organization_id, user_id, role)
  values (v_demo.id, auth.uid(), 'viewer')
  on conflict (organization_id, user_id) do nothing;
  return v_demo.slug;
end
$$;
comment on function private.join_demo_organization() is
  'Makes the caller a viewer of the demo organization and returns its slug. A viewer reads costs and changes nothing, so nobody can spoil it for the next.';

create function public.join_demo_organization() returns text
language sql set search_path = '' as $$ select private.join_demo_organization() $$;
comment on function public.join_demo_organization() is 'Explore the demo organization: the caller becomes a viewer of it. Returns its slug.';

create function private.remove_demo_organization(p_organization_id uuid) returns text
language plpgsql security definer set search_path = '' as $$
declare
  v_role public.organization_role;
begin
  select m.role into v_role
  from public.organization_members m
  join public.organizations o on o.id = m.organization_id and o.is_demo
  where m.organization_id = p_organization_id and m.user_id = auth.uid();
  if v_role is null then
    perform private.raise_error('not_found', 'Not found.');
  end if;
  if v_role = 'owner' then
    perform private.erase_organization(p_organization_id);
    return 'deleted';
  end if;
  delete from public.organization_members where organization_id = p_organization_id and user_id = auth.uid();
  return 'left';
end
$$;
comment on function private.remove_demo_organization(uuid) is
  'Takes the demo away from the caller: its owner deletes it with all its data (''deleted''), anyone else leaves it (''left''). Only ever touches an organization that is marked as demo.';

create function public.remove_demo_organization(p_organization_id uuid) returns text
language sql set search_path = '' as $$ select private.remove_demo_organization(p_organization_id) $$;
comment on function public.remove_demo_organization(uuid) is 'Remove the demo organization with one click: deleted for its owner, left by anyone else.';

revoke all on function private.join_demo_organization(), private.remove_demo_organization(uuid) from public;
revoke all on function public.join_demo_organization(), public.remove_demo_organization(uuid) from public;
grant execute on function private.join_demo_organization(), private.remove_demo_organization(uuid) to authenticated;
grant execute on function public.join_demo_organization(), public.remove_demo_organization(uuid) to authenticated;
