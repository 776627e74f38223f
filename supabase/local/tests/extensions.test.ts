import { createServer } from "node:http";
import { afterAll, beforeAll, expect, test } from "vitest";
import { eventually, sharedStack, unique } from "./support.ts";

const { sql, admin } = sharedStack();
const received: { method: string; url: string; body: string; header: string | undefined }[] = [];
const target = createServer(async (request, response) => {
  let body = "";
  for await (const chunk of request) body += chunk;
  received.push({ method: request.method ?? "", url: request.url ?? "", body, header: request.headers["x-own"] as string | undefined });
  if (request.url?.startsWith("/slow")) return setTimeout(() => response.end("late"), 2000);
  response.writeHead(201, { "content-type": "application/json" });
  response.end('{"ok":true}');
});
let origin = "";

beforeAll(async () => {
  await new Promise<void>((done) => target.listen(0, "127.0.0.1", () => done()));
  origin = `http://127.0.0.1:${(target.address() as { port: number }).port}`;
  // Verbatim from a migration, as the role that migrations run as.
  await sql.unsafe(`
    create extension if not exists pg_cron with schema pg_catalog;
    create extension if not exists pg_net with schema extensions;
    create extension if not exists supabase_vault with schema vault;
    create extension if not exists pgmq`);
});
afterAll(() => {
  target.closeAllConnections();
  target.close();
});

test("a job runs on its schedule, as the role that made it, and its runs are recorded", async () => {
  const name = unique("job");
  await sql.unsafe(`create table public.${name} (who text, super bool)`);
  const command = `insert into public.${name} select current_user, (select rolsuper from pg_roles where rolname = session_user)`;
  const [job] = await sql<{ id: string }[]>`select cron.schedule(${name}, '1 second', ${command})::text as id`;
  const [run] = await eventually(async () => {
    const runs =
      await sql`select status, return_message, username from cron.job_run_details where jobid = ${job?.id ?? ""} and status = 'succeeded'`;
    return runs.length > 0 ? runs : null;
  });
  expect(run).toMatchObject({ username: "postgres", return_message: "INSERT 1" });
  expect((await sql.unsafe(`select distinct who, super from public.${name}`))[0]).toEqual({ who: "postgres", super: false });
  await sql`select cron.unschedule(${name})`;
  const before = await sql.unsafe(`select count(*)::int as n from public.${name}`);
  await sql`select pg_sleep(2.2)`;
  const after = await sql.unsafe(`select count(*)::int as n from public.${name}`);
  expect(after[0]?.n - before[0]?.n).toBeLessThanOrEqual(1);
});

test("scheduling a name again replaces the job; a wrong schedule is refused; a failing job says why", async () => {
  const name = unique("job");
  await sql`select cron.schedule(${name}, '0 0 1 1 *', 'select 1')`;
  await sql`select cron.schedule(${name}, '1 second', 'select 1/0')`;
  const jobs = await sql`select schedule, command from cron.job where jobname = ${name}`;
  expect([...jobs]).toEqual([{ schedule: "1 second", command: "select 1/0" }]);
  await expect(sql`select cron.schedule('x', 'every day', 'select 1')`).rejects.toThrow("invalid schedule: every day");
  const failure = await eventually(async () => {
    const [run] =
      await sql`select d.return_message from cron.job_run_details d join cron.job j using (jobid) where j.jobname = ${name} and d.status = 'failed'`;
    return run;
  });
  expect(failure.return_message).toContain("division by zero");
  await sql`select cron.unschedule(${name})`;
});

test("a job set to another role runs as that role and cannot become a superuser", async () => {
  const name = unique("job");
  await sql`select cron.schedule(${name}, '1 second', 'set role supabase_admin')`;
  await sql`select cron.alter_job((select jobid from cron.job where jobname = ${name}), username => 'service_role')`;
  const run = await eventually(async () => {
    const [found] = await sql`
      select d.username, d.return_message from cron.job_run_details d join cron.job j using (jobid)
       where j.jobname = ${name} and d.status = 'failed' and d.username = 'service_role'`;
    return found;
  });
  expect(run).toEqual({ username: "service_role", return_message: 'permission denied to set role "supabase_admin"' });
  await sql`select cron.unschedule((select jobid from cron.job where jobname = ${name}))`;
});

test("requests go out after the commit, with parameters, headers and body, and the answer is kept", async () => {
  const own = unique("own");
  const undone = sql.begin(async (tx) => {
    await tx`select net.http_get(${`${origin}/never`})`;
    throw new Error("undone");
  });
  await expect(undone).rejects.toThrow("undone");
  const [made] = await sql<{ id: string }[]>`
    select net.http_post(${`${origin}/hook`}, '{"a":1}', '{"q":"ä b&c"}', ${sql.json({ "x-own": own })})::text as id`;
  const reply = await eventually(
    async () => (await sql`select status_code, content, content_type, timed_out from net._http_response where id = ${made?.id ?? ""}`)[0],
  );
  expect(reply).toEqual({ status_code: 201, content: '{"ok":true}', content_type: "application/json", timed_out: false });
  expect(received.find((one) => one.header === own)).toEqual({
    method: "POST",
    url: "/hook?q=%C3%A4%20b%26c",
    body: '{"a": 1}',
    header: own,
  });
  expect(received.some((one) => one.url === "/never")).toBe(false);
});

test("a request that takes too long or cannot connect is recorded as such", async () => {
  const [slow] = await sql<{ id: string }[]>`select net.http_get(${`${origin}/slow`}, timeout_milliseconds => 200)::text as id`;
  const [dead] = await sql<{ id: string }[]>`select net.http_get('http://127.0.0.1:9/')::text as id`;
  const answer = (id = "") =>
    eventually(async () => (await sql`select timed_out, error_msg, status_code from net._http_response where id = ${id}`)[0]);
  expect(await answer(slow?.id)).toMatchObject({ timed_out: true, status_code: null });
  expect((await answer(dead?.id)).error_msg).toBeTruthy();
});

test("the vault stores what it is given encrypted, and only named roles read it", async () => {
  const name = unique("secret");
  const [made] = await sql<{ id: string }[]>`select vault.create_secret('open sesame', ${name}, 'what for') as id`;
  const [read] = await sql`select secret, decrypted_secret, description from vault.decrypted_secrets where name = ${name}`;
  expect(read).toMatchObject({ decrypted_secret: "open sesame", description: "what for" });
  expect(read?.secret).not.toContain("sesame");
  await sql`select vault.update_secret(${made?.id ?? ""}, 'changed')`;
  expect((await sql`select decrypted_secret from vault.decrypted_secrets where name = ${name}`)[0]?.decrypted_secret).toBe("changed");
  const asUser = sql.begin(async (tx) => {
    await tx`set local role authenticated`;
    await tx`select * from vault.decrypted_secrets`;
  });
  await expect(asUser).rejects.toMatchObject({ code: "42501" });
  const key = sql.begin(async (tx) => {
    await tx`set local role service_role`;
    await tx`select value from supabase_local.settings`;
  });
  await expect(key).rejects.toMatchObject({ code: "42501" });
});

test("a queue hides what was read, gives it back, archives and deletes", async () => {
  const queue = unique("queue");
  await sql`select pgmq.create(${queue})`;
  const ids = await sql<
    { id: string }[]
  >`select send_batch::text as id from pgmq.send_batch(${queue}, array['{"n":1}', '{"n":2}', '{"n":3}']::jsonb[])`;
  expect(ids).toHaveLength(3);
  expect((await sql`select message from pgmq.read(${queue}, 30, 2)`).map((row) => row.message.n)).toEqual([1, 2]);
  expect((await sql`select message, read_ct from pgmq.read(${queue}, 0, 10)`).map((row) => row.message.n)).toEqual([3]);
  await sql`select pgmq.set_vt(${queue}, ${ids[0]?.id ?? ""}, 0)`;
  expect((await sql`select message from pgmq.pop(${queue})`)[0]?.message).toEqual({ n: 1 });
  expect((await sql`select pgmq.archive(${queue}, ${ids[1]?.id ?? ""}::bigint) as done`)[0]?.done).toBe(true);
  expect((await sql`select pgmq.delete(${queue}, ${ids[2]?.id ?? ""}::bigint) as done`)[0]?.done).toBe(true);
  expect((await sql`select queue_length::int, total_messages::int from pgmq.metrics(${queue})`)[0]).toEqual({
    queue_length: 0,
    total_messages: 3,
  });
  await sql`select pgmq.send(${queue}, '{"later":true}', 60)`;
  expect(await sql`select * from pgmq.read(${queue}, 1, 1)`).toHaveLength(0);
  expect((await sql`select pgmq.drop_queue(${queue}) as done`)[0]?.done).toBe(true);
});

test("the workers survive their tables being dropped and made again", async () => {
  const name = unique("job");
  await sql`select cron.schedule(${name}, '1 second', 'select 1')`;
  await sql.unsafe("drop extension pg_cron; drop extension pg_net");
  await sql`select pg_sleep(1.5)`;
  await sql.unsafe("create extension pg_cron with schema pg_catalog; create extension pg_net with schema extensions");
  await sql`select cron.schedule(${name}, '1 second', 'select 2')`;
  await eventually(async () => (await sql`select 1 from cron.job_run_details where command = 'select 2' and status = 'succeeded'`)[0]);
  const [made] = await sql<{ id: string }[]>`select net.http_get(${`${origin}/again`})::text as id`;
  await eventually(async () => (await sql`select 1 from net._http_response where id = ${made?.id ?? ""}`)[0]);
  await sql`select cron.unschedule(${name})`;
  expect((await admin`select count(*)::int as n from pg_stat_activity where application_name = 'pg_cron'`)[0]?.n).toBeLessThanOrEqual(4);
});
