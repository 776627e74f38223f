import type { Sql } from "postgres";
import type { Worker } from "./cron.ts";

type QueuedRequest = {
  id: string;
  method: string;
  url: string;
  headers: Record<string, string> | null;
  body: Uint8Array | null;
  timeout_milliseconds: number;
};

type Outcome = {
  status?: number;
  contentType?: string | null;
  headers?: Record<string, string>;
  content?: string;
  timedOut: boolean;
  error?: string;
};

const batch = 200;

/** Makes the requests that SQL put into `net.http_request_queue` and keeps the answers for six hours, as pg_net does. */
export async function startNet(sql: Sql, log: (line: string) => void): Promise<Worker> {
  let draining: Promise<void> | null = null;
  let again = false;

  const drain = (): Promise<void> => {
    again = true;
    draining ??= (async () => {
      while (again) {
        again = false;
        // Tables dropped meanwhile, or Postgres restarting: the next notification tries anew.
        await drainQueue(sql).catch((error: unknown) => log(`net: ${error instanceof Error ? error.message : String(error)}`));
      }
    })().finally(() => {
      draining = null;
    });
    return draining;
  };

  const listening = await sql.listen("pg_net", drain, drain);
  return {
    async close() {
      await listening.unlisten().catch(() => {});
      await Promise.race([draining, new Promise((done) => setTimeout(done, 1000).unref())]);
    },
  };
}

async function drainQueue(sql: Sql): Promise<void> {
  const [present] = await sql`select to_regclass('net.http_request_queue') is not null as yes`;
  if (!present?.yes) return;
  await sql`delete from net._http_response where created < now() - interval '6 hours'`;
  for (;;) {
    const requests = await sql<QueuedRequest[]>`
      delete from net.http_request_queue
       where id in (select id from net.http_request_queue order by id limit ${batch} for update skip locked)
      returning id::text, method, url, headers, body, timeout_milliseconds`;
    if (requests.length === 0) return;
    await Promise.all(requests.map(async (request) => record(sql, request.id, await perform(request))));
  }
}

async function perform(request: QueuedRequest): Promise<Outcome> {
  try {
    const reply = await fetch(request.url, {
      method: request.method,
      headers: request.headers ?? {},
      body: request.body && request.body.length > 0 ? new Uint8Array(request.body) : undefined,
      signal: AbortSignal.timeout(request.timeout_milliseconds),
    });
    const content = await reply.text();
    return {
      status: reply.status,
      contentType: reply.headers.get("content-type"),
      headers: Object.fromEntries(reply.headers),
      content,
      timedOut: false,
    };
  } catch (error) {
    const { name, message, cause } = error as Error & { cause?: Error };
    const timedOut = name === "TimeoutError";
    return { timedOut, error: timedOut ? `Timeout of ${request.timeout_milliseconds} ms reached` : (cause?.message ?? message) };
  }
}

async function record(sql: Sql, id: string, outcome: Outcome): Promise<void> {
  await sql`
    insert into net._http_response (id, status_code, content_type, headers, content, timed_out, error_msg)
    values (${id}, ${outcome.status ?? null}, ${outcome.contentType ?? null}, ${outcome.headers ? sql.json(outcome.headers) : null},
            ${outcome.content?.replaceAll("\0", "") ?? null}, ${outcome.timedOut}, ${outcome.error ?? null})`;
}
