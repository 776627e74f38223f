import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { Batches } from "../../lib/sdk/batch.ts";
import { EventSplitter } from "../../lib/sdk/event-stream.ts";
import { meteredFetch } from "../../lib/sdk/metered-fetch.ts";
import { BoundedQueue } from "../../lib/sdk/queue.ts";
import { fixture } from "../support/vendor-server.ts";

const names = ["openai/chat-stream-usage.sse", "openai/responses-stream.sse", "anthropic/message-stream.sse"];
const streams = new Map(await Promise.all(names.map(async (name) => [name, new TextEncoder().encode(await fixture(name))] as const)));

/** Cuts bytes at the given fractions of their length. */
function cut(bytes: Uint8Array, at: number[]): Uint8Array[] {
  const places = [0, ...at.map((fraction) => Math.floor(fraction * bytes.length)).sort((a, b) => a - b), bytes.length];
  return places.slice(1).map((place, index) => bytes.subarray(places[index], place));
}
const cuts = fc.array(fc.double({ min: 0, max: 1, noNaN: true }), { maxLength: 40 });

describe("cutting a stream into events", () => {
  test.each(names)("%s: loses no byte and finds the same events, however it is cut", (name) => {
    const bytes = streams.get(name)!;
    const whole = new EventSplitter().push(bytes);
    fc.assert(
      fc.property(cuts, (at) => {
        const splitter = new EventSplitter();
        const events = cut(bytes, at).flatMap((piece) => splitter.push(piece));
        expect(events).toEqual(whole);
        expect(splitter.end()).toBeUndefined();
      }),
      { numRuns: 60 },
    );
  });

  test("takes every kind of line end, several data lines, and a last event without its blank line", () => {
    const splitter = new EventSplitter();
    const bytes = new TextEncoder().encode('data: {"a":\r\ndata: 1}\r\n\r\ndata:[DONE]\r\r: comment\n\ndata: {"b":2}');
    expect(splitter.push(bytes).map(({ data }) => data)).toEqual([{ a: 1 }, "[DONE]", undefined]);
    expect(splitter.end()?.data).toEqual({ b: 2 });
  });
});

describe("a metered stream", () => {
  /** What a caller gets from a vendor that sends the stream in these pieces. */
  async function through(name: string, pieces: Uint8Array[], body: object) {
    const events: object[] = [];
    const vendor = async () =>
      new Response(
        new ReadableStream({
          start(controller) {
            for (const piece of pieces) controller.enqueue(piece);
            controller.close();
          },
        }),
        { headers: { "content-type": "text/event-stream" } },
      );
    const metering = {
      metadata: () => ({}),
      provider: undefined,
      record: (event: object) => events.push(event),
      onError: () => {},
      background: new Map(),
      batches: new Batches(),
    };
    const path = name.startsWith("anthropic") ? "messages" : name.includes("responses") ? "responses" : "chat/completions";
    const response = await meteredFetch(vendor, metering)(`https://api.example.com/v1/${path}`, {
      method: "POST",
      body: JSON.stringify(body),
    });
    return { text: await response.text(), events };
  }

  test.each(names)("%s: passes on unchanged and counts the same, however it is cut", async (name) => {
    const bytes = streams.get(name)!;
    const asked = { model: "m", stream: true, stream_options: { include_usage: true } };
    const whole = await through(name, [bytes], asked);
    expect(whole.events).toHaveLength(1);
    await fc.assert(
      fc.asyncProperty(cuts, async (at) => {
        const { text, events } = await through(name, cut(bytes, at), asked);
        expect(text).toBe(new TextDecoder().decode(bytes));
        const { input_tokens, output_tokens, status } = whole.events[0] as Record<string, unknown>;
        expect(events).toMatchObject([{ input_tokens, output_tokens, status }]);
      }),
      { numRuns: 40 },
    );
  });

  test("hides the usage nobody asked for, however it is cut", async () => {
    const bytes = streams.get("openai/chat-stream-usage.sse")!;
    const unasked = await fixture("openai/chat-stream.sse");
    await fc.assert(
      fc.asyncProperty(cuts, async (at) => {
        const { text, events } = await through("openai", cut(bytes, at), { model: "m", stream: true });
        expect(text).toBe(unasked);
        expect(events).toMatchObject([{ input_tokens: 1117, output_tokens: 46 }]);
      }),
      { numRuns: 60 },
    );
  });

  test("leaves a vendor's usage on a chunk with choices where it is", async () => {
    const chunk =
      'data: {"model":"m","choices":[{"index":0,"delta":{"content":"x"},"finish_reason":"stop"}],"usage":{"prompt_tokens":3,"completion_tokens":1}}\n\n';
    const { text, events } = await through("openai", [new TextEncoder().encode(`${chunk}data: [DONE]\n\n`)], { model: "m", stream: true });
    expect(text).toBe(`${chunk}data: [DONE]\n\n`);
    expect(events).toMatchObject([{ input_tokens: 3, output_tokens: 1, provider: "api.example.com" }]);
  });

  test("whose vendor tells no usage at all is estimated and says so", async () => {
    const bytes = new TextEncoder().encode(await fixture("openai/chat-stream.sse"));
    const { events } = await through("openai", [bytes], {
      model: "m",
      stream: true,
      messages: [{ role: "user", content: "x".repeat(400) }],
    });
    expect(events).toMatchObject([{ input_tokens: 101, output_tokens: 6, is_estimated: true, status: "success" }]);
    expect(events[0]).not.toHaveProperty("is_partial", true);
  });
});

describe("the waiting events", () => {
  test("keep their order and their bounds, and every event is either taken, waiting or counted as lost", () => {
    const step = fc.oneof(
      fc.record({ push: fc.integer({ min: 1, max: 50 }) }),
      fc.record({ take: fc.integer({ min: 1, max: 6 }), putBack: fc.boolean() }),
    );
    fc.assert(
      fc.property(fc.array(step, { maxLength: 60 }), (steps) => {
        const queue = new BoundedQueue(8, 120);
        let [pushed, taken, lost] = [0, 0, 0];
        let last = -1;
        for (const action of steps) {
          if ("push" in action) lost += queue.push({ text: String(pushed++), bytes: action.push }).length;
          else {
            const batch = queue.take(action.take, 100);
            if (action.putBack) lost += queue.putBack(batch).length;
            else {
              taken += batch.length;
              for (const { text } of batch) {
                expect(Number(text)).toBeGreaterThan(last);
                last = Number(text);
              }
            }
          }
          expect(queue.length).toBeLessThanOrEqual(8);
          expect(queue.length <= 1 || queue.bytes <= 120).toBe(true);
          expect(pushed).toBe(taken + queue.length + lost);
        }
      }),
    );
  });
});
