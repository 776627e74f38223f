import { mkdtemp } from "node:fs/promises";
import { createServer } from "node:http";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { exportJWK, generateKeyPair, SignJWT } from "jose";
import { expect, test } from "vitest";
import { spawnStack } from "./spawn-stack.ts";
import { client, sharedStack, signedInUser, unique, untilExposed } from "./support.ts";

const stack = sharedStack();
const claimsOf = (token: string) => JSON.parse(Buffer.from(token.split(".")[1] ?? "", "base64url").toString());

test("a token carries what GoTrue's does and is verified with the public keys alone", async () => {
  const user = await signedInUser();
  const { data, error } = await user.db.auth.getClaims();
  expect(error).toBeNull();
  expect(data?.header).toMatchObject({ alg: "ES256", kid: expect.any(String) });
  expect(data?.claims).toMatchObject({
    iss: `${stack.supabaseUrl}/auth/v1`,
    sub: user.id,
    aud: "authenticated",
    role: "authenticated",
    email: user.email,
    phone: "",
    app_metadata: { provider: "email" },
    user_metadata: {},
    aal: "aal1",
    amr: [{ method: "password", timestamp: expect.any(Number) }],
    session_id: expect.any(String),
    is_anonymous: false,
  });
  const jwks = await (await fetch(stack.jwksUrl)).json();
  expect(jwks.keys).toHaveLength(1);
  expect(jwks.keys[0]).not.toHaveProperty("d");
});

test("a refreshed token still says how its session began", async () => {
  const user = await signedInUser();
  const { data } = await user.db.auth.refreshSession();
  const [before, after] = [claimsOf(user.session.access_token), claimsOf(data.session!.access_token)];
  expect(after.session_id).toBe(before.session_id);
  expect(after.amr).toEqual(before.amr);
});

test("the access-token hook shapes every token, sees the event, and can refuse", async () => {
  const user = await signedInUser();
  await stack.sql.unsafe(`
    create function public.custom_access_token_hook(event jsonb) returns jsonb language plpgsql as $$
      begin
        if event -> 'claims' ->> 'email' like 'refused%' then
          return jsonb_build_object('error', jsonb_build_object('http_code', 403, 'message', 'not you'));
        end if;
        if event -> 'claims' ->> 'email' = '${user.email}' then
          event := jsonb_set(event, '{claims,app_metadata,seen}', to_jsonb((event ->> 'authentication_method') || ' ' || current_user));
        end if;
        return event;
      end $$;
    revoke execute on function public.custom_access_token_hook from anon, authenticated, public;
    grant execute on function public.custom_access_token_hook to supabase_auth_admin`);
  try {
    const { data } = await user.db.auth.signInWithPassword({ email: user.email, password: user.password });
    expect(claimsOf(data.session!.access_token).app_metadata.seen).toBe("password supabase_auth_admin");
    const refreshed = await user.db.auth.refreshSession();
    expect(claimsOf(refreshed.data.session!.access_token).app_metadata.seen).toBe("token_refresh supabase_auth_admin");
    const email = `${unique("refused")}@example.test`;
    await client(stack.secretKey).auth.admin.createUser({ email, password: "some password", email_confirm: true });
    const refused = await client(stack.publishableKey).auth.signInWithPassword({ email, password: "some password" });
    expect(refused.error).toMatchObject({ status: 403, message: "not you" });
  } finally {
    await stack.sql.unsafe("drop function public.custom_access_token_hook");
  }
});

test("after signing out the session is over: no refresh, no user, in every scope", async () => {
  const user = await signedInUser();
  const elsewhere = client(stack.publishableKey);
  const second = await elsewhere.auth.signInWithPassword({ email: user.email, password: user.password });
  await user.db.auth.signOut({ scope: "local" });
  const visitor = client(stack.publishableKey);
  const userOf = (token: string) =>
    fetch(`${stack.supabaseUrl}/auth/v1/user`, { headers: { apikey: stack.publishableKey, authorization: `Bearer ${token}` } });
  const gone = await userOf(user.session.access_token);
  expect([gone.status, (await gone.json()).error_code]).toEqual([403, "session_not_found"]);
  expect((await visitor.auth.refreshSession({ refresh_token: user.session.refresh_token })).error?.status).toBe(400);
  expect((await elsewhere.auth.getUser()).error).toBeNull();
  await elsewhere.auth.signOut({ scope: "global" });
  expect((await userOf(second.data.session!.access_token)).status).toBe(403);
});

test("a token of a signed-out session still opens REST until it expires, as on the hosted platform", async () => {
  const name = unique("still");
  await stack.sql.unsafe(`create table public.${name} (id int primary key); grant select on public.${name} to authenticated`);
  await untilExposed(name);
  const user = await signedInUser();
  await user.db.auth.signOut();
  expect((await client(stack.publishableKey, user.session.access_token).from(name).select("*")).status).toBe(200);
});

test("a forged, altered or expired token is refused by REST, Auth and Functions", async () => {
  const user = await signedInUser();
  const [header, payload, signature] = user.session.access_token.split(".");
  const altered = [
    header,
    Buffer.from(JSON.stringify({ ...claimsOf(user.session.access_token), role: "service_role" })).toString("base64url"),
    signature,
  ].join(".");
  const { privateKey } = await generateKeyPair("ES256");
  const forged = await new SignJWT(claimsOf(user.session.access_token))
    .setProtectedHeader(JSON.parse(Buffer.from(header ?? "", "base64url").toString()))
    .sign(privateKey);
  const none = `${Buffer.from('{"alg":"none"}').toString("base64url")}.${payload}.`;
  const confused = await new SignJWT(claimsOf(user.session.access_token))
    .setProtectedHeader({ alg: "HS256" })
    .sign(Buffer.from(JSON.stringify((await (await fetch(stack.jwksUrl)).json()).keys[0])));
  for (const token of [altered, forged, none, confused]) {
    const headers = { apikey: stack.publishableKey, authorization: `Bearer ${token}` };
    expect((await fetch(`${stack.supabaseUrl}/rest/v1/anything`, { headers })).status).toBe(401);
    expect((await fetch(`${stack.supabaseUrl}/auth/v1/user`, { headers })).status).toBeGreaterThanOrEqual(401);
    expect((await fetch(`${stack.supabaseUrl}/functions/v1/hello`, { headers: { authorization: `Bearer ${token}` } })).status).toBe(401);
  }
});

test("tokens of a configured third party reach policies; of any other they are refused", async () => {
  const { privateKey, publicKey } = await generateKeyPair("RS256");
  const jwks = createServer(async (_, response) => {
    response.writeHead(200, { "content-type": "application/json" });
    response.end(JSON.stringify({ keys: [{ ...(await exportJWK(publicKey)), kid: "theirs", alg: "RS256", use: "sig" }] }));
  });
  await new Promise<void>((done) => jwks.listen(0, "127.0.0.1", () => done()));
  const issuer = "https://api.workos.com/user_management/client_1";
  const other = await spawnStack({
    dataDir: await mkdtemp(join(tmpdir(), "tokentra-stack-")),
    siteUrl: "http://127.0.0.1:3000",
    persistent: false,
    thirdPartyIssuers: { [issuer]: `http://127.0.0.1:${(jwks.address() as { port: number }).port}/jwks` },
  });
  try {
    const postgres = (await import("postgres")).default;
    const sql = postgres(other.shared.databaseUrl, { max: 1, onnotice: () => {} });
    await sql.unsafe(
      "create function public.who() returns json language sql as $$ select json_build_object('sub', auth.jwt() ->> 'sub', 'role', current_user) $$",
    );
    await sql.end({ timeout: 1 });
    const sign = (iss: string) =>
      new SignJWT({ role: "authenticated" })
        .setProtectedHeader({ alg: "RS256", kid: "theirs" })
        .setSubject("user_01H")
        .setIssuer(iss)
        .setExpirationTime("1h")
        .sign(privateKey);
    const call = async (token: string) =>
      fetch(`${other.shared.supabaseUrl}/rest/v1/rpc/who`, {
        method: "POST",
        headers: { apikey: other.shared.publishableKey, authorization: `Bearer ${token}` },
      });
    await expect.poll(async () => (await call(await sign(issuer))).status).toBe(200);
    expect(await (await call(await sign(issuer))).json()).toEqual({ sub: "user_01H", role: "authenticated" });
    expect((await call(await sign("https://somebody.else"))).status).toBe(401);
  } finally {
    jwks.close();
    await other.stop();
  }
});
