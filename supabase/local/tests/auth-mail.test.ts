import { expect, test } from "vitest";
import type { StoredMail } from "../mailbox.ts";
import { client, sharedStack, unique } from "./support.ts";

const stack = sharedStack();
const visitor = () => client(stack.publishableKey).auth;
const mailsTo = async (to: string): Promise<StoredMail[]> =>
  (await fetch(`${stack.mailboxUrl}/messages?to=${encodeURIComponent(to)}`)).json();
const newest = async (to: string): Promise<StoredMail> => (await mailsTo(to))[0]!;
const linkOf = (mail: StoredMail) => new URL(mail.links[0] ?? "");
const token = (mail: StoredMail) => linkOf(mail).searchParams.get("token_hash") ?? "";

test("sign-up: no session before the address is confirmed, one through the mail's link", async () => {
  const email = `${unique("new")}@example.test`;
  const { data, error } = await visitor().signUp({
    email,
    password: "long enough",
    options: { emailRedirectTo: "http://127.0.0.1:3000/invite/abc?x=1&y=2" },
  });
  expect(error).toBeNull();
  expect(data.session).toBeNull();
  expect((await visitor().signInWithPassword({ email, password: "long enough" })).error).toMatchObject({ code: "email_not_confirmed" });
  const mail = await newest(email);
  const link = linkOf(mail);
  expect(link.origin + link.pathname).toBe("http://127.0.0.1:3000/auth/confirm");
  expect(link.searchParams.get("type")).toBe("email");
  expect(link.searchParams.get("next")).toBe("http://127.0.0.1:3000/invite/abc?x=1&y=2");
  const verified = await visitor().verifyOtp({ token_hash: token(mail), type: "email" });
  expect(verified.error).toBeNull();
  expect(verified.data.session).not.toBeNull();
  expect((await visitor().signInWithPassword({ email, password: "long enough" })).error).toBeNull();
});

test("the code in the mail works as well as the link, whatever the address's letter case", async () => {
  const email = `${unique("new")}@example.test`;
  await visitor().signUp({ email, password: "long enough" });
  const { otp = "" } = await newest(email);
  expect((await visitor().verifyOtp({ email, token: "000000", type: "email" })).error).toMatchObject({ code: "otp_expired" });
  expect((await visitor().verifyOtp({ email: email.toUpperCase(), token: otp, type: "email" })).error).toBeNull();
});

test("signing up again: a new link for the unconfirmed, no word about the confirmed", async () => {
  const email = `${unique("again")}@example.test`;
  await visitor().signUp({ email, password: "first attempt" });
  const second = await visitor().signUp({ email, password: "second attempt" });
  expect(second.error).toBeNull();
  expect(await mailsTo(email)).toHaveLength(2);
  const verified = await visitor().verifyOtp({ token_hash: token(await newest(email)), type: "email" });
  expect(verified.error).toBeNull();
  expect((await visitor().signInWithPassword({ email, password: "second attempt" })).error).toBeNull();

  const taken = await visitor().signUp({ email, password: "third attempt" });
  expect(taken.error).toBeNull();
  expect(taken.data.user?.id).not.toBe(verified.data.user?.id);
  expect(taken.data.user?.identities).toEqual([]);
  expect(await mailsTo(email)).toHaveLength(2);
  expect((await visitor().signInWithPassword({ email, password: "third attempt" })).error).toMatchObject({ code: "invalid_credentials" });
});

test("a magic link makes an unknown address a user who is confirmed by the link, not before", async () => {
  const email = `${unique("magic")}@example.test`;
  expect((await visitor().signInWithOtp({ email, options: { data: { name: "Mag" } } })).error).toBeNull();
  const [before] = await stack.admin`
    select u.email_confirmed_at, u.raw_user_meta_data ->> 'name' as name, (select count(*)::int from auth.sessions s where s.user_id = u.id) as sessions
      from auth.users u where email = ${email}`;
  expect(before).toEqual({ email_confirmed_at: null, name: "Mag", sessions: 0 });
  const verified = await visitor().verifyOtp({ token_hash: token(await newest(email)), type: "email" });
  expect(verified.data.user?.email_confirmed_at).toBeTruthy();
  expect((await visitor().verifyOtp({ token_hash: token(await newest(email)), type: "email" })).error).not.toBeNull();
});

test("shouldCreateUser: false makes nobody", async () => {
  const email = `${unique("nobody")}@example.test`;
  expect((await visitor().signInWithOtp({ email, options: { shouldCreateUser: false } })).error).not.toBeNull();
  expect(await mailsTo(email)).toEqual([]);
  expect(await stack.admin`select 1 from auth.users where email = ${email}`).toHaveLength(0);
});

test("a forgotten password is replaced through the mail", async () => {
  const email = `${unique("forgot")}@example.test`;
  await client(stack.secretKey).auth.admin.createUser({ email, password: "forgotten one", email_confirm: true });
  await visitor().resetPasswordForEmail(email, { redirectTo: "http://127.0.0.1:3000/reset/new" });
  const mail = await newest(email);
  expect(linkOf(mail).searchParams.get("type")).toBe("recovery");
  const auth = visitor();
  expect((await auth.verifyOtp({ token_hash: token(mail), type: "recovery" })).error).toBeNull();
  expect((await auth.updateUser({ password: "a new one" })).error).toBeNull();
  expect((await visitor().signInWithPassword({ email, password: "a new one" })).error).toBeNull();
  expect((await visitor().signInWithPassword({ email, password: "forgotten one" })).error).not.toBeNull();
});

test("asking for an unknown address tells nothing and mails nothing", async () => {
  const email = `${unique("unknown")}@example.test`;
  expect((await visitor().resetPasswordForEmail(email)).error).toBeNull();
  expect(await mailsTo(email)).toEqual([]);
});

test("an invitation is mailed, leads where it was told to, and is accepted by its link", async () => {
  const email = `${unique("guest")}@example.test`;
  const { data, error } = await client(stack.secretKey).auth.admin.inviteUserByEmail(email, {
    redirectTo: "http://127.0.0.1:3000/acme",
    data: { team: "x" },
  });
  expect(error).toBeNull();
  expect(data.user?.invited_at).toBeTruthy();
  const mail = await newest(email);
  expect(mail.subject).toContain("invited");
  expect(linkOf(mail).searchParams.get("next")).toBe("http://127.0.0.1:3000/acme");
  const accepted = await visitor().verifyOtp({ token_hash: token(mail), type: "invite" });
  expect(accepted.error).toBeNull();
  expect(accepted.data.user?.user_metadata).toMatchObject({ team: "x" });
});

test("a change of address is confirmed from the mail", async () => {
  const email = `${unique("old")}@example.test`;
  const next = `${unique("next")}@example.test`;
  await client(stack.secretKey).auth.admin.createUser({ email, password: "long enough", email_confirm: true });
  const auth = visitor();
  await auth.signInWithPassword({ email, password: "long enough" });
  expect((await auth.updateUser({ email: next })).error).toBeNull();
  const mail = [...(await mailsTo(email)), ...(await mailsTo(next))][0]!;
  expect(mail.html).toContain(next);
  const verified = await auth.verifyOtp({ token_hash: token(mail), type: "email_change" });
  expect(verified.error).toBeNull();
  expect(verified.data.user?.email).toBe(next);
});

test("a redirect off the site falls back to the site", async () => {
  const email = `${unique("evil")}@example.test`;
  await visitor().signInWithOtp({ email, options: { emailRedirectTo: "http://127.0.0.1:3000.evil.test/" } });
  expect(linkOf(await newest(email)).searchParams.get("next")).toBe("http://127.0.0.1:3000");
});

test("the mailbox page lists and shows mail, with what people wrote as text", async () => {
  const email = `${unique("page")}@example.test`;
  await visitor().signInWithOtp({ email });
  const mail = await newest(email);
  const list = await (await fetch(stack.mailboxUrl)).text();
  expect(list).toContain(email);
  expect(list).toContain(`/mailbox/${mail.id}`);
  const page = await (await fetch(`${stack.mailboxUrl}/${mail.id}`)).text();
  expect(page).toContain(mail.links[0]!.replaceAll("&", "&amp;"));
  expect((await fetch(`${stack.mailboxUrl}/${crypto.randomUUID()}`)).status).toBe(404);
  expect(await (await fetch(`${stack.mailboxUrl}?to=%22%3E%3Cscript%3E`)).text()).not.toContain("<script>");
});
