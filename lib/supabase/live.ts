"use client";
import { type QueryClient, useQueryClient } from "@tanstack/react-query";
import { useEffect, useSyncExternalStore } from "react";
import { useDb } from "./browser.ts";

export type LiveState = {
  connection: "connecting" | "connected" | "offline";
  /** Milliseconds since 1970 of the newest ping about usage this page has received. */
  lastUsagePingAt: number | null;
};

const initial: LiveState = { connection: "connecting", lastUsagePingAt: null };
let state = initial;
const listeners = new Set<() => void>();

function update(change: Partial<LiveState>) {
  state = { ...state, ...change };
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** How the live connection of the organization on screen is doing. */
export function useLiveStatus(): LiveState {
  return useSyncExternalStore(
    subscribe,
    () => state,
    () => initial,
  );
}

/** A failed question rests this long before a ping asks it anew, so that the error can be read and its button pressed. */
const REST_MS = 10_000;

/** How many rounds a ping waits for an answer that is still on its way before it is asked anew. */
const PATIENCE = 10;

function isResting({ status, errorUpdatedAt }: { status: string; errorUpdatedAt: number }): boolean {
  return status === "error" && Date.now() - errorUpdatedAt < REST_MS;
}

/**
 * Turns many pings into at most one invalidation per second and query key: the first at once, the rest together. While an answer is
 * under way the ping waits for it: cancelling slow answers every second would mean that none ever arrives.
 */
export function coalesce(queryClient: Pick<QueryClient, "invalidateQueries" | "isFetching">, intervalMs = 1000) {
  const waiting = new Map<string, number>();
  let timer: ReturnType<typeof setTimeout> | undefined;
  function flush() {
    timer = undefined;
    if (waiting.size === 0) return;
    for (const [event, rounds] of waiting) {
      if (rounds < PATIENCE && queryClient.isFetching({ queryKey: [event] }) > 0) {
        waiting.set(event, rounds + 1);
        continue;
      }
      waiting.delete(event);
      void queryClient.invalidateQueries({ queryKey: [event], predicate: ({ state }) => !isResting(state) });
    }
    timer = setTimeout(flush, intervalMs);
  }
  return {
    ping(event: string) {
      if (!waiting.has(event)) waiting.set(event, 0);
      if (timer === undefined) flush();
    },
    stop() {
      clearTimeout(timer);
      timer = undefined;
      waiting.clear();
    },
  };
}

/**
 * The whole live system: one private channel per organization; event X makes every query whose key starts with X stale.
 * After a reconnect everything is, because pings may have been missed; after the first connect usage is, because the page was made
 * before it was listening.
 */
export function useLiveOrganization(organizationId: string): void {
  const db = useDb();
  const queryClient = useQueryClient();
  useEffect(() => {
    const pings = coalesce(queryClient);
    let wasConnected = false;
    update(initial);
    const channel = db.channel(`organization:${organizationId}`, { config: { private: true } });
    channel.on("broadcast", { event: "*" }, ({ event }) => {
      if (event === "usage") update({ lastUsagePingAt: Date.now() });
      pings.ping(event);
    });
    channel.subscribe((status) => {
      if (status !== "SUBSCRIBED") return update({ connection: status === "CLOSED" ? "connecting" : "offline" });
      update({ connection: "connected" });
      if (wasConnected) void queryClient.invalidateQueries();
      else pings.ping("usage");
      wasConnected = true;
    });
    // A short gap may leave the channel standing while pings were lost on the way.
    const catchUp = () => void queryClient.invalidateQueries();
    window.addEventListener("online", catchUp);
    return () => {
      window.removeEventListener("online", catchUp);
      pings.stop();
      void db.removeChannel(channel);
    };
  }, [db, queryClient, organizationId]);
}
