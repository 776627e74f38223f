import { describe, expect, test } from "vitest";
import { TokenTRA } from "../../lib/sdk/client.ts";

const REPLY = { model: "m", usage: { prompt_tokens: 7, completion_tokens: 2 } };

/** A wrapped client whose vendor answers so, and the events that come of it. */
function setup(vendor: () => Response) {
  const sent: Record<string, unknown>[] = [];
  const tokentra = new TokenTRA({
    apiKey: "k",
    baseUrl: "http://t.example",
    fetch: async (_input, init) => {
      sent.push(...(JSON.parse(String(init?.body)) as { events: Record<string, unknown>[] }).events);
      return Response.json({ accepted: 1, duplicates: 0, rejected: [] });
    },
  });
  type Fetch = (input: string, init: RequestInit) => Promise<Response>;
  const client = {
    fetch: (async () => vendor()) as Fetch,
    withOptions: ({ fetch }: { fetch?: unknown }) => ({ ...client, fetch: fetch as Fetch }),
  };
  const wrapped = tokentra.wrap(client);
  return {
    ask: () => wrapped.fetch("https://api.openai.com/v1/embeddings", { method: "POST", body: '{"model":"m"}' }),
    async events() {
      await tokentra.flush();
      return sent;
    },
  };
}
const json = () => new Response(JSON.stringify(REPLY), { headers: { "content-type": "application/json", "x-mine": "1" } });
const text = (buffer: ArrayBuffer | Uint8Array) => JSON.parse(new TextDecoder().decode(buffer)) as unknown;

async function pieces(response: Response): Promise<unknown> {
  const reader = response.body!.getReader();
  const chunks: number[] = [];
  for (let next = await reader.read(); !next.done; next = await reader.read()) chunks.push(...next.value);
  return text(new Uint8Array(chunks));
}

describe("a reply is counted once and says the same", () => {
  const ways: [string, (response: Response) => Promise<unknown>][] = [
    ["its JSON", (response) => response.json()],
    ["its text", async (response) => JSON.parse(await response.text())],
    ["its bytes", async (response) => text(await response.arrayBuffer())],
    ["a blob", async (response) => JSON.parse(await (await response.blob()).text())],
    ["its body", pieces],
    ["a copy, and then itself", async (response) => [await response.clone().json(), await response.json()].at(-1)],
    ["itself after its body was looked at", async (response) => (response.body ? response.json() : undefined)],
  ];
  test.each(ways)("read as %s", async (_name, read) => {
    const { ask, events } = setup(json);
    const response = await ask();
    expect(response).toBeInstanceOf(Response);
    expect([response.status, response.headers.get("x-mine"), response.bodyUsed]).toEqual([200, "1", false]);
    expect(await read(response)).toEqual(REPLY);
    expect(response.bodyUsed).toBe(true);
    await expect(response.json()).rejects.toThrow(TypeError);
    expect(await events()).toMatchObject([{ input_tokens: 7, output_tokens: 2, status: "success" }]);
  });

  test("not at all, when nobody reads it", async () => {
    const { ask, events } = setup(json);
    await ask();
    expect(await events()).toEqual([]);
  });

  test("when it is no JSON: the caller's own error, and an event that is flagged", async () => {
    const { ask, events } = setup(() => new Response("<html>", { headers: { "content-type": "application/json" } }));
    await expect((await ask()).json()).rejects.toThrow(SyntaxError);
    expect(await events()).toMatchObject([{ status: "success", is_estimated: true, is_partial: true }]);
  });

  test("when it breaks off: the caller's own error, and an event that says so", async () => {
    const broken = () =>
      new Response(
        new ReadableStream({
          start(controller) {
            controller.enqueue(new TextEncoder().encode('{"model":'));
            controller.error(new Error("reset"));
          },
        }),
      );
    const { ask, events } = setup(broken);
    await expect((await ask()).json()).rejects.toThrow("reset");
    expect(await events()).toMatchObject([{ status: "error", error_code: "stream_interrupted", is_partial: true }]);
  });
});
