// What the calls inside a function are for, carried through its awaits by the runtime's own AsyncLocalStorage where it has one.
import type { CallMetadata } from "./metadata.ts";

/** The part of an `AsyncLocalStorage` that is used: one of the runtime's own can be handed in. */
export type ContextStorage = {
  run<Result>(store: CallMetadata, work: () => Result): Result;
  getStore(): CallMetadata | undefined;
};

/**
 * The runtime's own storage: a global of edge runtimes, a built-in module of Node (20.16 and later), Deno, Bun and workers. It is asked
 * for at run time and by name, so that no bundler stumbles over an import. Undefined where there is none.
 */
export function findContextStorage(): ContextStorage | undefined {
  try {
    const Storage = Reflect.get(globalThis, "AsyncLocalStorage") ?? builtinHooks()?.AsyncLocalStorage;
    return typeof Storage === "function" ? (Reflect.construct(Storage, []) as ContextStorage) : undefined;
  } catch {
    return undefined;
  }
}

function builtinHooks(): { AsyncLocalStorage?: unknown } | undefined {
  const host: unknown = Reflect.get(globalThis, "process");
  if (typeof host !== "object" || host === null || !("getBuiltinModule" in host)) return undefined;
  return typeof host.getBuiltinModule === "function" ? host.getBuiltinModule("node:async_hooks") : undefined;
}
