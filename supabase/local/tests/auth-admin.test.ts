import { expect, test } from "vitest";
import { client, sharedStack, signedInUser, unique } from "./support.ts";

const stack = sharedStack();
const { auth } = client(stack.secretKey);
const visitor = () => client(stack.publishableKey).auth;
const address = () => `${unique("Person")}@Example.test`;

test("a user is created, read, listed, changed and deleted", async () => {
  const email = address();
  const created = await auth.admin.createUser({
    email,
    password: "first password",
    email_confirm: true,
    user_metadata: { name: "Ada", gone: 1 },
    app_metadata: { plan: "pro" },
  });
  expect(created.error).toBeNull();
  const user = created.data.user!;
  expect(user).toMatchObject({
    email: email.toLowerCase(),
    role: "authenticated",
    app_metadata: { provider: "email", plan: "pro" },
    user_metadata: { name: "Ada" },
  });
  expect(user.identities).toHaveLength(1);

  const { data: changed } = await auth.admin.updateUserById(user.id, {
    password: "second password",
    user_metadata: { gone: null, more: { deep: null } },
    app_metadata: { plan: "free" },
  });
  expect(changed.user?.user_metadata).toEqual({ name: "Ada", more: { deep: null } });
  expect(changed.user?.app_metadata).toMatchObject({ provider: "email", plan: "free" });
  expect((await visitor().signInWithPassword({ email, password: "first password" })).error).toMatchObject({ code: "invalid_credentials" });
  expect((await visitor().signInWithPassword({ email, password: "second password" })).error).toBeNull();

  const { data: page } = await auth.admin.listUsers({ page: 1, perPage: 1 });
  expect(page.users).toHaveLength(1);
  expect("total" in page && page.total).toBeGreaterThan(0);
  expect((await auth.admin.getUserById(user.id)).data.user?.id).toBe(user.id);

  expect((await auth.admin.deleteUser(user.id)).error).toBeNull();
  expect((await auth.admin.getUserById(user.id)).error).toMatchObject({ status: 404, code: "user_not_found" });
  expect((await auth.admin.deleteUser(user.id)).error).toMatchObject({ code: "user_not_found" });
});

test("an address belongs to one user", async () => {
  const email = address();
  await auth.admin.createUser({ email });
  expect((await auth.admin.createUser({ email })).error).toMatchObject({ status: 422, code: "email_exists" });
  expect((await auth.admin.createUser({})).error?.status).toBe(400);
});

test("the admin API is closed to the publishable key, to users, and to users who come with the secret key", async () => {
  const user = await signedInUser();
  expect((await client(stack.publishableKey).auth.admin.listUsers()).error).toMatchObject({ status: 403, code: "not_admin" });
  const as = (headers: Record<string, string>) => fetch(`${stack.supabaseUrl}/auth/v1/admin/users`, { headers });
  const authorization = `Bearer ${user.session.access_token}`;
  expect((await as({ apikey: stack.publishableKey, authorization })).status).toBe(403);
  expect((await as({ apikey: stack.secretKey, authorization })).status).toBe(403);
  expect((await as({ apikey: stack.secretKey })).status).toBe(200);
  expect((await as({})).status).toBe(403);
});

test("a banned user cannot sign in or refresh until the ban ends", async () => {
  const user = await signedInUser();
  await auth.admin.updateUserById(user.id, { ban_duration: "1h30m" });
  expect((await visitor().signInWithPassword({ email: user.email, password: user.password })).error).toMatchObject({ code: "user_banned" });
  expect((await visitor().refreshSession({ refresh_token: user.session.refresh_token })).error).toMatchObject({ code: "user_banned" });
  await auth.admin.updateUserById(user.id, { ban_duration: "none" });
  expect((await visitor().signInWithPassword({ email: user.email, password: user.password })).error).toBeNull();
  expect((await auth.admin.updateUserById(user.id, { ban_duration: "soon" })).error?.status).toBe(400);
});

test("a soft-deleted user is out, and the row names nobody", async () => {
  const user = await signedInUser();
  expect((await auth.admin.deleteUser(user.id, true)).error).toBeNull();
  expect((await visitor().signInWithPassword({ email: user.email, password: user.password })).error).not.toBeNull();
  const [row] = await stack.admin`select email, deleted_at is not null as gone from auth.users where id = ${user.id}`;
  expect(row).toMatchObject({ gone: true });
  expect(row?.email).not.toContain("@");
});

test.each(["magiclink", "recovery", "invite", "signup"] as const)(
  "a generated %s link signs in once, by its hash and by its address",
  async (type) => {
    const email = address();
    if (type === "magiclink" || type === "recovery") await auth.admin.createUser({ email, email_confirm: true });
    const generate = () =>
      auth.admin.generateLink({ type, email, password: "some password" } as Parameters<typeof auth.admin.generateLink>[0]);
    const { data, error } = await generate();
    expect(error).toBeNull();
    const { hashed_token: token_hash, verification_type, action_link } = data.properties!;
    expect(verification_type).toBe(type);
    const verified = await visitor().verifyOtp({ token_hash, type: verification_type as "email" });
    expect(verified.error).toBeNull();
    expect(verified.data.user).toMatchObject({ email: email.toLowerCase() });
    expect(verified.data.user?.email_confirmed_at).toBeTruthy();
    expect((await visitor().verifyOtp({ token_hash, type: verification_type as "email" })).error).toMatchObject({ code: "otp_expired" });
    const used = await fetch(action_link, { redirect: "manual" });
    expect(used.headers.get("location")).toContain("error=access_denied");
  },
);

test("a magic link for an unknown address becomes a sign-up, and type email verifies it: the way in after single sign-on", async () => {
  const email = address();
  const { data } = await auth.admin.generateLink({ type: "magiclink", email, options: { data: { name: "New" } } });
  expect(data.properties?.verification_type).toBe("signup");
  expect(data.user?.email_confirmed_at).toBeFalsy();
  const verified = await visitor().verifyOtp({ token_hash: data.properties!.hashed_token, type: "email" });
  expect(verified.error).toBeNull();
  expect(verified.data.user?.user_metadata).toMatchObject({ name: "New" });
});

test("the link itself redirects to the site with a session, and nowhere else", async () => {
  const email = address();
  await auth.admin.createUser({ email, email_confirm: true });
  const { data } = await auth.admin.generateLink({ type: "magiclink", email, options: { redirectTo: "https://evil.test/steal" } });
  const reply = await fetch(data.properties!.action_link, { redirect: "manual" });
  const target = new URL(reply.headers.get("location") ?? "");
  expect(target.origin).toBe("http://127.0.0.1:3000");
  const token = new URLSearchParams(target.hash.slice(1)).get("access_token") ?? "";
  const { data: claims, error } = await visitor().getClaims(token);
  expect(error).toBeNull();
  expect(claims?.claims).toMatchObject({ email: email.toLowerCase(), amr: [{ method: "otp" }] });
});
