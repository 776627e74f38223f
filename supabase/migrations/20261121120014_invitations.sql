-- Invitations by e-mail: expiring, single use, bound to the invited address. The token is shown once; its SHA-256 lives in private.

create table public.invitations (
  id uuid primary key default private.uuid_v7(),
  organization_id uuid not null references public.organizations (id) on delete cascade,
  email text not null constraint invitations_email_shape check (
    email = lower(email) and email ~ '^[^\s@]+@[^\s@]+$' and char_length(email) <= 254
  ),
  role public.organization_role not null,
  expires_at timestamptz not null,
  accepted_at timestamptz,
  accepted_by uuid references auth.users (id) on delete set null,
  revoked_at timestamptz,
  invited_by uuid references auth.users (id) on delete set null,
  created_at timestamptz not null default now(),
  unique (organization_id, id)
);
comment on table public.invitations is 'Who was asked to join, as what, until when. Written by functions only.';
create unique index invitations_one_open on public.invitations (organization_id, email) where accepted_at is null and revoked_at is null;
create index invitations_accepted_by on public.invitations (accepted_by);
create index invitations_invited_by on public.invitations (invited_by);

create table private.invitation_secrets (
  token_hash bytea primary key constraint invitation_secrets_hash_length check (octet_length(token_hash) = 32),
  organization_id uuid not null,
  invitation_id uuid not null,
  foreign key (organization_id, invitation_id) references public.invitations (organization_id, id) on delete cascade
);
comment on table private.invitation_secrets is 'SHA-256 of the token in the link of an invitation.';
create index invitation_secrets_invitation on private.invitation_secrets (organization_id, invitation_id);

create function private.random_text() returns text
language sql volatile set search_path = '' as $$
  select translate(rtrim(encode(extensions.gen_random_bytes(32), 'base64'), '='), '+/', '-_')
$$;
comment on function private.random_text() is '256 random bits in 43 characters of base64url.';

create function private.create_invitation(p_organization_id uuid, p_email text, p_role public.organization_role)
returns table (id uuid, token text, expires_at timestamptz)
language plpgsql security definer set search_path = '' as $$
declare
  v_email text := lower(btrim(p_email));
  v_token text := private.random_text();
  v_invitation public.invitations;
begin
  perform private.require_permission(p_organization_id, 'members.write');
  if v_email is null or v_email !~ '^[^\s@]+@[^\s@]+$' or char_length(v_email) > 254 then
    perform private.raise_error('invalid', 'email must be an e-mail address.', 'email');
  end if;
  if p_role is null then
    perform private.raise_error('invalid', 'role is missing.', 'role');
  end if;
  if p_role = 'owner' and not private.is_owner(p_organization_id) then
    perform private.raise_error('forbidden', 'Only an owner may invite an owner.', 'role');
  end if;
  -- Serialises invitations of one organization: two at once for one address become one.
  perform from public.organizations o where o.id = p_organization_id for no key update;
  if exists (
    select from public.organization_members m
    join auth.users u on u.id = m.user_id
    where m.organization_id = p_organization_id and lower(u.email) = v_email
  ) then
    perform private.raise_error('conflict', 'This person is a member already.', 'email');
  end if;
  update public.invitations i set revoked_at = now()
  where i.organization_id = p_organization_id and i.email = v_email and i.accepted_at is null and i.revoked_at is null;
  if (
    select count(*) from public.invitations i
    where i.organization_id = p_organization_id and i.accepted_at is null and i.revoked_at is null and i.expires_at > now()
  ) >= 500 then
    perform private.raise_error('conflict', '500 invitations are open already; revoke some first.');
  end if;
  insert into public.invitations (organization_id, email, role, expires_at, invited_by)
  values (p_organization_id, v_email, p_role, now() + interval '7 days', auth.uid())
  returning * into v_invitation;
  insert into private.invitation_secrets (token_hash, organization_id, invitation_id)
  values (sha256(convert_to(v_token, 'UTF8')), p_organization_id, v_invitation.id);
  return query select v_invitation.id, v_token, v_invitation.expires_at;
end
$$;
comment on function private.create_invitation(uuid, text, public.organization_role) is 'Body of public.create_invitation.';

create function public.create_invitation(p_organization_id uuid, p_email text, p_role public.organization_role)
returns table (id uuid, token text, expires_at timestamptz)
language sql security invoker set search_path = '' as $$
  select * from private.create_invitation(p_organization_id, p_email, p_role)
$$;
comment on function public.create_invitation(uuid, text, public.organization_role) is
  'Invites an address for seven days and returns the token once. An open invitation for the address is replaced. Codes: not_found, forbidden, invalid, conflict.';

create function private.revoke_invitation(p_organization_id uuid, p_id uuid) returns void
language plpgsql security definer set search_path = '' as $$
declare
  v_accepted_at timestamptz;
begin
  perform private.require_permission(p_organization_id, 'members.write');
  select i.accepted_at into v_accepted_at
  from public.invitations i where i.organization_id = p_organization_id and i.id = p_id
  for update;
  if not found then
    perform private.raise_error('not_found', 'Not found.');
  end if;
  if v_accepted_at is not null then
    perform private.raise_error('conflict', 'This invitation was accepted; remove the member instead.');
  end if;
  update public.invitations i set revoked_at = now()
  where i.organization_id = p_organization_id and i.id = p_id and i.revoked_at is null;
end
$$;
comment on function private.revoke_invitation(uuid, uuid) is 'Body of public.revoke_invitation.';

create function public.revoke_invitation(p_organization_id uuid, p_id uuid) returns void
language sql security invoker set search_path = '' as $$
  select private.revoke_invitation(p_organization_id, p_id)
$$;
comment on function public.revoke_invitation(uuid, uuid) is
  'Makes the link of an invitation worthless; doing it twice is fine. Codes: not_found, forbidden, conflict (accepted already).';

create function private.invitation_state(p_invitation public.invitations) returns text
language sql stable set search_path = '' as $$
  select case
    when p_invitation.accepted_at is not null then 'accepted'
    when p_invitation.revoked_at is not null then 'revoked'
    when p_invitation.expires_at <= now() then 'expired'
    else 'pending'
  end
$$;
comment on function private.invitation_state(public.invitations) is 'pending, accepted, revoked or expired.';

create function private.invitation_preview(p_token text)
returns table (organization_name text, role public.organization_role, email_masked text, state text, expires_at timestamptz)
language sql stable security definer set search_path = '' as $$
  select o.name, i.role, left(i.email, 1) || '***@' || split_part(i.email, '@', 2), private.invitation_state(i), i.expires_at
  from private.invitation_secrets s
  join public.invitations i on i.organization_id = s.organization_id and i.id = s.invitation_id
  join public.organizations o on o.id = i.organization_id
  where s.token_hash = sha256(convert_to(p_token, 'UTF8'))
$$;
comment on function private.invitation_preview(text) is 'Body of public.invitation_preview.';

create function public.invitation_preview(p_token text)
returns table (organization_name text, role public.organization_role, email_masked text, state text, expires_at timestamptz)
language sql stable security invoker set search_path = '' as $$
  select * from private.invitation_preview(p_token)
$$;
comment on function public.invitation_preview(text) is
  'What the holder of a link may know before signing in: one row, or none for an unknown token. state: pending, accepted, revoked, expired.';

create function private.accept_invitation(p_token text) returns public.organizations
language plpgsql security definer set search_path = '' as $$
declare
  v_user_id uuid := private.require_user();
  v_invitation public.invitations;
  v_organization public.organizations;
  v_state text;
begin
  select i.* into v_invitation
  from private.invitation_secrets s
  join public.invitations i on i.organization_id = s.organization_id and i.id = s.invitation_id
  where s.token_hash = sha256(convert_to(p_token, 'UTF8'))
  for update of i;
  if not found then
    perform private.raise_error('not_found', 'Not found.');
  end if;
  if not exists (
    select from auth.users u where u.id = v_user_id and lower(u.email) = v_invitation.email and u.email_confirmed_at is not null
  ) then
    perform private.raise_error('forbidden', 'This invitation is for another e-mail address. Sign in with that one.');
  end if;
  v_state := private.invitation_state(v_invitation);
  if v_state = 'pending' then
    -- Whoever joined in the meantime keeps the role held now.
    insert into public.organization_members (organization_id, user_id, role)
    values (v_invitation.organization_id, v_user_id, v_invitation.role)
    on conflict do nothing;
    update public.invitations i set accepted_at = now(), accepted_by = v_user_id where i.id = v_invitation.id;
  elsif v_state <> 'accepted' or v_invitation.accepted_by is distinct from v_user_id or not exists (
    select from public.organization_members m where m.organization_id = v_invitation.organization_id and m.user_id = v_user_id
  ) then
    perform private.raise_error('conflict', 'This invitation was ' || v_state || ' already.', 'token');
  end if;
  select o.* into v_organization from public.organizations o where o.id = v_invitation.organization_id;
  return v_organization;
end
$$;
comment on function private.accept_invitation(text) is 'Body of public.accept_invitation.';

create function public.accept_invitation(p_token text) returns public.organizations
language sql security invoker set search_path = '' as $$
  select private.accept_invitation(p_token)
$$;
comment on function public.accept_invitation(text) is
  'Joins the organization as invited; the signed-in person must own the invited address, confirmed. A second click by the same member answers the same. Codes: not_found, forbidden (other address), conflict (expired, revoked, used).';

alter table public.invitations enable row level security;
alter table public.invitations force row level security;
create policy invitations_select on public.invitations for select to authenticated
using (organization_id = any ((select private.my_organization_ids('members.read'))::uuid[]));

grant select on public.invitations to authenticated, service_role;
grant execute on function
  private.create_invitation(uuid, text, public.organization_role), public.create_invitation(uuid, text, public.organization_role),
  private.revoke_invitation(uuid, uuid), public.revoke_invitation(uuid, uuid),
  private.accept_invitation(text), public.accept_invitation(text)
to authenticated;
grant execute on function private.invitation_preview(text), public.invitation_preview(text) to anon, authenticated;
