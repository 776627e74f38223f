export type ItemObserver<Item> = {
  onItem: (item: Item) => void;
  /** Comes exactly once, when the iteration ends, however it does. */
  onEnd: (how: "complete" | "cancelled" | "failed", error?: unknown) => void;
  onError: (error: unknown) => void;
};

/** The same object, whose items are seen as they go by. Nothing is read ahead; errors, an early end and everything else pass as they are. */
export function observeIterable<Item, Source extends AsyncIterable<Item> & object>(source: Source, observer: ItemObserver<Item>): Source {
  const iterate = (): AsyncIterator<Item> => {
    const inner = source[Symbol.asyncIterator]();
    let hasEnded = false;
    const end: ItemObserver<Item>["onEnd"] = (how, error) => {
      if (!hasEnded) observer.onEnd(how, error);
      hasEnded = true;
    };
    const seen = (item: Item): void => {
      try {
        observer.onItem(item);
      } catch (error) {
        observer.onError(error);
      }
    };
    const pass = async (step: Promise<IteratorResult<Item>>): Promise<IteratorResult<Item>> => {
      try {
        const result = await step;
        if (result.done) end("complete");
        else seen(result.value);
        return result;
      } catch (error) {
        end(isAbort(error) ? "cancelled" : "failed", error);
        throw error;
      }
    };
    return {
      next: () => pass(inner.next()),
      return(value?: unknown) {
        end("cancelled");
        return inner.return?.(value) ?? Promise.resolve({ done: true, value });
      },
      throw(error?: unknown) {
        end("cancelled");
        return inner.throw?.(error) ?? Promise.reject(error);
      },
    };
  };
  return Object.create(source, { [Symbol.asyncIterator]: { value: iterate } }) as Source;
}

const isAbort = (error: unknown): boolean => typeof error === "object" && error !== null && "name" in error && error.name === "AbortError";
