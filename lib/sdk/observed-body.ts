/** Sees a body go by. Neither call may throw; `onEnd` comes exactly once. */
export type Observer = {
  /** What goes on to the reader in place of these bytes; nothing at all is fine. */
  onChunk: (chunk: Uint8Array) => Uint8Array | undefined;
  /** The rest that was held back, if the body ended by itself. */
  onEnd: (how: "complete" | "cancelled" | "failed") => Uint8Array | undefined;
};

/**
 * The same body, watched. Nothing is read before its reader asks, nothing is kept, an error and a cancellation pass through as they
 * are: who reads it notices nothing.
 */
export function observeBody(body: ReadableStream<Uint8Array>, observer: Observer): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  let hasEnded = false;
  const end: Observer["onEnd"] = (how) => {
    if (hasEnded) return undefined;
    hasEnded = true;
    return observer.onEnd(how);
  };
  return new ReadableStream<Uint8Array>(
    {
      async pull(controller) {
        try {
          // A stream asks again only after it got something: chunks that are held back must not end the turn.
          for (;;) {
            const { done, value } = await reader.read();
            if (done) {
              const rest = end("complete");
              if (rest && rest.length > 0) controller.enqueue(rest);
              return controller.close();
            }
            const passed = observer.onChunk(value);
            if (passed && passed.length > 0) return controller.enqueue(passed);
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
