"use client";
import { usePathname, useSearchParams } from "next/navigation";

/** Parameters of the address as state: what is on screen can be sent to a colleague. Writing replaces the history entry. */
export function useUrlState() {
  const params = useSearchParams();
  const pathname = usePathname();

  function set(changes: Record<string, string | null>) {
    const next = new URLSearchParams(window.location.search);
    for (const [name, value] of Object.entries(changes)) {
      if (value) next.set(name, value);
      else next.delete(name);
    }
    window.history.replaceState(null, "", next.size > 0 ? `${pathname}?${next}` : pathname);
  }

  return { get: (name: string) => params.get(name) ?? "", set };
}
