import type { AdvanceImportInput, FinishImportInput, ImportCounts, ImportDocument, StartImportInput, TrackedBucket } from "./schema.ts";

/** A refusal of a door that trying again does not change, in its own words. */
export class ImportRefused extends Error {
  override readonly name = "ImportRefused";
  readonly code: string;
  constructor(code: string, message: string) {
    super(message);
    this.code = code;
  }
}

type TrackAnswer = {
  accepted: number;
  duplicates: number;
  rejected: { index: number; request_id: string | null; code: string; message: string }[];
};

export type ImportClient = {
  start: (input: StartImportInput) => Promise<ImportDocument>;
  advance: (id: string, input: AdvanceImportInput) => Promise<ImportCounts>;
  finish: (id: string, input: FinishImportInput) => Promise<ImportDocument>;
  track: (events: readonly unknown[]) => Promise<TrackAnswer>;
  tracked: (buckets: TrackedBucket[]) => Promise<boolean[]>;
};

export type ImportClientOptions = {
  baseUrl: string;
  /** A key of scope `admin`. */
  apiKey: string;
  signal?: AbortSignal | undefined;
  /** Told before each wait, so that people know why nothing moves. */
  onWait?: ((seconds: number, reason: string) => void) | undefined;
  /** Tries of one request until it is given up: with growing waits, about five minutes. */
  tries?: number;
};

async function packed(body: unknown): Promise<Uint8Array<ArrayBuffer>> {
  const stream = new Blob([JSON.stringify(body)]).stream().pipeThrough(new CompressionStream("gzip"));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

const pause = (milliseconds: number, signal: AbortSignal | undefined): Promise<void> =>
  new Promise((resolve, reject) => {
    const timer = setTimeout(done, milliseconds);
    function done() {
      signal?.removeEventListener("abort", stop);
      resolve();
    }
    function stop() {
      clearTimeout(timer);
      reject(signal?.reason);
    }
    signal?.addEventListener("abort", stop, { once: true });
  });

const retried = new Set([408, 429, 502, 503, 504]);

/** Seconds to wait: what the server asks for, else growing ones with jitter, so that many importers do not return together. */
function waitSeconds(attempt: number, retryAfter: string | null): number {
  const asked = Number(retryAfter ?? "");
  const growing = Math.min(2 ** attempt * 0.5, 30) * (0.5 + Math.random() / 2);
  return Number.isFinite(asked) && asked > 0 ? Math.min(asked, 60) + Math.random() * 0.2 : growing;
}

type Failure = { status: number; code: string; message: string; retryAfter: string | null };

async function failureOf(response: Response): Promise<Failure> {
  const body = (await response.json().catch(() => null)) as { error?: { code?: string; message?: string } } | null;
  const { code = "internal", message = `The server answered ${response.status}.` } = body?.error ?? {};
  return { status: response.status, code, message, retryAfter: response.headers.get("retry-after") };
}

/** Speaks to the two doors of an import. Every request may be sent again: the doors count it once. */
export function createImportClient(options: ImportClientOptions): ImportClient {
  const { baseUrl, apiKey, signal, onWait, tries = 16 } = options;

  async function post<T>(path: string, body: unknown): Promise<T> {
    const bytes = await packed(body);
    for (let attempt = 0; ; attempt++) {
      signal?.throwIfAborted();
      let failure: Failure;
      try {
        const response = await fetch(`${baseUrl}${path}`, {
          method: "POST",
          headers: { authorization: `Bearer ${apiKey}`, "content-type": "application/json", "content-encoding": "gzip" },
          body: bytes,
          ...(signal ? { signal } : {}),
        });
        if (response.ok) return (await response.json()) as T;
        failure = await failureOf(response);
      } catch (error) {
        signal?.throwIfAborted();
        failure = { status: 0, code: "unavailable", message: error instanceof Error ? error.message : String(error), retryAfter: null };
      }
      if ((failure.status !== 0 && !retried.has(failure.status)) || attempt + 1 >= tries)
        throw new ImportRefused(failure.code, failure.message);
      const seconds = waitSeconds(attempt, failure.retryAfter);
      onWait?.(seconds, failure.message);
      await pause(seconds * 1_000, signal);
    }
  }

  return {
    start: (input) => post("/api/v1/imports", input),
    advance: (id, input) => post(`/api/v1/imports/${id}/progress`, input),
    finish: (id, input) => post(`/api/v1/imports/${id}/finish`, input),
    track: (events) => post("/api/sdk/v1/track?source=import", { events }),
    tracked: async (buckets) => (await post<{ tracked: boolean[] }>("/api/v1/imports/tracked", { buckets })).tracked,
  };
}
