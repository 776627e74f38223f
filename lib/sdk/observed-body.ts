/** Sees a body go by. Neither call may throw; `onEnd` comes exactly once. */
export type Observer<Chunk = Uint8Array> = {
  /** What goes on to the reader in place of this; nothing at all is fine. */
  onChunk: (chunk: Chunk) => Chunk | undefined;
  /** The rest that was held back, if the body ended by itself. */
  onEnd: (how: "complete" | "cancelled" | "failed") => Chunk | undefined;
};

/**
 * The same body, watched. Nothing is read before its reader asks, nothing is kept, an error and a cancellation pass through as they
 * are: who reads it notices nothing.
 */
export function observeBody<Chunk = Uint8Array>(body: ReadableStream<Chunk>, observer: Observer<Chunk>): ReadableStream<Chunk> {
  const reader = body.getReader();
  let hasEnded = false;
  const end: Observer<Chunk>["onEnd"] = (how) => {
    if (hasEnded) return undefined;
    hasEnded = true;
    return observer.onEnd(how);
  };
  return new ReadableStream<Chunk>(
    {
      async pull(controller) {
        try {
          // A stream asks again only after it got something: chunks that are held back must not end the turn.
          for (;;) {
            const { done, value } = await reader.read();
            if (done) {
              const rest = end("complete");
              if (rest !== undefined) controller.enqueue(rest);
              return controller.close();
            }
            const passed = observer.onChunk(value);
            if (passed !== undefined) return controller.enqueue(passed);
          }
        } catch (error) {
          end("failed");
          controller.error(error);
        }
      },
      cancel(reason) {
        end("cancelled");
        return reader.cancel(reason);
      },
    },
    { highWaterMark: 0 },
  );
}

/** A response with another body and everything else as it was; the address is a property that the constructor cannot set. */
export function withBody(response: Response, body: ReadableStream<Uint8Array>): Response {
  const { status, statusText, headers, url, redirected, type } = response;
  const copy = new Response(body, { status, statusText, headers });
  for (const [name, value] of Object.entries({ url, redirected, type })) Object.defineProperty(copy, name, { value });
  return copy;
}
