"use client";
import { useEffect, useEffectEvent, useSyncExternalStore } from "react";

export type Shortcut = { keys: string; label: string; run: () => void };

const OFF = "shortcuts-off";
let registered: readonly Shortcut[] = [];
const listeners = new Set<() => void>();
const none: readonly Shortcut[] = [];

function publish(next: readonly Shortcut[]) {
  registered = next;
  for (const listener of listeners) listener();
}

function subscribe(listener: () => void) {
  listeners.add(listener);
  return () => listeners.delete(listener);
}

/** Offers a key ("/") or a sequence ("g o") while the component is mounted, and lists it in the sheet that "?" opens. */
export function useShortcut(keys: string, label: string, run: () => void): void {
  const latest = useEffectEvent(run);
  useEffect(() => {
    const shortcut: Shortcut = { keys, label, run: () => latest() };
    publish([...registered, shortcut]);
    return () => publish(registered.filter((entry) => entry !== shortcut));
  }, [keys, label]);
}

export function useShortcutList(): readonly Shortcut[] {
  return useSyncExternalStore(
    subscribe,
    () => registered,
    () => none,
  );
}

/** Keys without a modifier can be switched off, for speech input and unsteady hands (WCAG 2.1.4). */
export function shortcutsAreOn(): boolean {
  return localStorage.getItem(OFF) === null;
}

export function switchShortcuts(on: boolean): void {
  if (on) localStorage.removeItem(OFF);
  else localStorage.setItem(OFF, "1");
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    (target.isContentEditable || /^(input|textarea|select)$/i.test(target.tagName) || target.role === "combobox")
  );
}

/** Listens for all of them and for ⌘K; mounted once, in the shell. Single keys do nothing while someone types or a dialog is open. */
export function useShortcutListener(onPalette: () => void): void {
  const openPalette = useEffectEvent(onPalette);
  useEffect(() => {
    let first = "";
    let firstAt = 0;
    function onKeyDown(event: KeyboardEvent) {
      if ((event.metaKey || event.ctrlKey) && !event.altKey && !event.shiftKey && event.key.toLowerCase() === "k") {
        event.preventDefault();
        return openPalette();
      }
      if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || event.isComposing) return;
      if (isTyping(event.target) || document.querySelector("[role=dialog],[role=alertdialog],[role=menu]") || !shortcutsAreOn()) return;
      const sequence = Date.now() - firstAt < 1000 ? `${first} ${event.key}` : event.key;
      const match = registered.findLast(({ keys }) => keys === sequence) ?? registered.findLast(({ keys }) => keys === event.key);
      first = event.key;
      firstAt = match ? 0 : Date.now();
      if (!match) return;
      event.preventDefault();
      match.run();
    }
    document.addEventListener("keydown", onKeyDown);
    return () => document.removeEventListener("keydown", onKeyDown);
  }, []);
}
