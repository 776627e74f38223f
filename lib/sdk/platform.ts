// The few things that differ between Node, Deno, Bun, browsers and edge runtimes, asked for at run time.

type ProcessLike = Record<"on" | "off", (event: "beforeExit", listener: () => void) => unknown>;

/** A timer that does not keep the program alive. Returns its cancellation. */
export function startTimer(run: () => void, ms: number): () => void {
  const timer: unknown = setTimeout(run, ms);
  if (typeof timer === "object" && timer !== null && "unref" in timer && typeof timer.unref === "function") timer.unref();
  // Deno hands out numbers and takes them back here.
  const runtime: unknown = Reflect.get(globalThis, "Deno");
  if (typeof timer === "number" && isObject(runtime) && typeof runtime.unrefTimer === "function") runtime.unrefTimer(timer);
  return () => clearTimeout(timer as Parameters<typeof clearTimeout>[0]);
}

const exitWork = new Set<() => void>();

const runExitWork = (): void => {
  for (const run of exitWork) run();
};

/**
 * Runs when the program has nothing left to do and would end (Node, Deno, Bun), again after work that this made, or when the page
 * goes away (browsers). A program ended by force or by `exit()` gives no such chance: `shutdown()` is for that. Returns the removal.
 */
export function onExit(run: () => void): () => void {
  if (exitWork.size === 0) listen("on", "addEventListener");
  exitWork.add(run);
  return () => {
    exitWork.delete(run);
    if (exitWork.size === 0) listen("off", "removeEventListener");
  };
}

/** One listener for all clients of a program, added or removed. */
function listen(onProcess: "on" | "off", onWindow: "addEventListener" | "removeEventListener"): void {
  const host: unknown = Reflect.get(globalThis, "process");
  if (isProcess(host)) host[onProcess]("beforeExit", runExitWork);
  else if (typeof globalThis[onWindow] === "function") globalThis[onWindow]("pagehide", runExitWork);
}

const isObject = (value: unknown): value is Record<string, unknown> => typeof value === "object" && value !== null;

const isProcess = (value: unknown): value is ProcessLike =>
  isObject(value) && typeof value.on === "function" && typeof value.off === "function";
