-- The hook that sees every access token before it is signed.

create function public.custom_access_token_hook(event jsonb) returns jsonb
language sql stable set search_path = '' as $$
  select event
$$;
comment on function public.custom_access_token_hook(jsonb) is
  'Called by Auth for each token. Adds nothing: a role or membership in a token would outlive its revocation by up to an hour.';

grant usage on schema public to supabase_auth_admin;
grant execute on function public.custom_access_token_hook(jsonb) to supabase_auth_admin;
