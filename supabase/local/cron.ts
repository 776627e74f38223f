import { Cron } from "croner";
import postgres, { type Sql } from "postgres";

type Job = { jobid: string; schedule: string; command: string; database: string; username: string };

export type Worker = { close(): Promise<void> };

/** croner's pattern for a pg_cron schedule: `30 seconds`, five fields, `$` for the month's last day, `@daily`. */
function cronPattern(schedule: string): string {
  const seconds = /^\s*(\d+)\s+seconds?\s*$/i.exec(schedule);
  if (seconds) return `*/${seconds[1]} * * * * *`;
  return schedule
    .trim()
    .replace(/^@midnight$/i, "@daily")
    .replace("$", "L");
}

/**
 * Runs the jobs of `cron.job`. They run over a login as postgres, not as the superuser: a job that names another role
 * becomes it with `set role`, and cannot climb back above postgres.
 */
export async function startCron(sql: Sql, postgresUrl: string, log: (line: string) => void): Promise<Worker> {
  const jobs = new Map<string, { job: Job; timer: Cron }>();
  const runner = postgres(postgresUrl, { max: 4, idle_timeout: 30, onnotice: () => {}, connection: { application_name: "pg_cron" } });

  const drop = (id: string) => {
    jobs.get(id)?.timer.stop();
    jobs.delete(id);
  };
  const run = (job: Job) =>
    runJob(sql, runner, job).catch((error: unknown) => {
      // The extension may have been dropped in the meantime (`supabase db reset`): the job is gone with its table.
      log(`cron job ${job.jobid}: ${error instanceof Error ? error.message : String(error)}`);
      return sync();
    });

  const sync = async () => {
    const wanted = await readJobs(sql).catch((error: unknown) => {
      log(`cron: ${error instanceof Error ? error.message : String(error)}`);
      return [] as Job[];
    });
    const kept = new Set(wanted.map((job) => job.jobid));
    for (const id of jobs.keys()) if (!kept.has(id)) drop(id);
    for (const job of wanted) {
      if (JSON.stringify(jobs.get(job.jobid)?.job) === JSON.stringify(job)) continue;
      drop(job.jobid);
      try {
        jobs.set(job.jobid, {
          job,
          timer: new Cron(cronPattern(job.schedule), { timezone: "UTC", protect: true, unref: true }, () => run(job)),
        });
      } catch (error) {
        log(`cron job ${job.jobid}: ${error instanceof Error ? error.message : String(error)}`);
      }
    }
  };

  // The second callback runs after each (re)connection: changes made in between are not missed.
  const listening = await sql.listen("pg_cron_changed", sync, sync);
  return {
    async close() {
      for (const id of [...jobs.keys()]) drop(id);
      await listening.unlisten().catch(() => {});
      await runner.end({ timeout: 2 });
    },
  };
}

async function readJobs(sql: Sql): Promise<Job[]> {
  const [present] = await sql`select to_regclass('cron.job') is not null as yes`;
  if (!present?.yes) return [];
  return sql<Job[]>`
    select jobid::text, schedule, command, database, username from cron.job where active and database = current_database() order by jobid`;
}

/** One run: the command as a whole, in its role, with its outcome in `cron.job_run_details`. */
async function runJob(sql: Sql, runner: Sql, job: Job): Promise<void> {
  const connection = await runner.reserve();
  try {
    const [details] = await sql<{ runid: string }[]>`
      insert into cron.job_run_details (jobid, job_pid, database, username, command, status, start_time)
      values (${job.jobid}, ${await backendPid(connection)}, ${job.database}, ${job.username}, ${job.command}, 'running', clock_timestamp())
      returning runid::text`;
    const outcome = await execute(connection, job);
    await sql`
      update cron.job_run_details set status = ${outcome.status}, return_message = ${outcome.message}, end_time = clock_timestamp()
       where runid = ${details?.runid ?? null}`;
  } finally {
    connection.release();
  }
}

async function backendPid(connection: Sql): Promise<number> {
  const [row] = await connection<{ pid: number }[]>`select pg_backend_pid() as pid`;
  return row?.pid ?? 0;
}

async function execute(connection: Sql, job: Job): Promise<{ status: "succeeded" | "failed"; message: string }> {
  try {
    await connection`select set_config('role', ${job.username}, false)`;
    const result: { command?: string; count?: number | null } = await connection.unsafe(job.command);
    return { status: "succeeded", message: [result.command, result.count].filter((part) => part !== undefined && part !== null).join(" ") };
  } catch (error) {
    return { status: "failed", message: error instanceof Error ? error.message : String(error) };
  } finally {
    await connection.unsafe("rollback").catch(() => {});
    await connection.unsafe("discard all").catch(() => {});
  }
}
