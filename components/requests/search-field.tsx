"use client";
import { Search } from "lucide-react";
import { useEffect, useEffectEvent, useState } from "react";
import { Input } from "@/components/ui/input.tsx";

/** Finds a request by the start of its id, or by end user. `/` comes here. */
export function SearchField({ value, onSearch }: { value: string; onSearch: (text: string) => void }) {
  const [text, setText] = useState(value);
  const [sent, setSent] = useState(value);
  // The search changed elsewhere (cleared, back button): follow it. What was sent from here is already in the field.
  if (value !== sent) {
    setSent(value);
    setText(value);
  }
  const send = useEffectEvent(() => {
    setSent(text.trim());
    onSearch(text.trim());
  });
  useEffect(() => {
    if (text.trim() === sent) return;
    const timer = setTimeout(send, 300);
    return () => clearTimeout(timer);
  }, [text, sent]);
  return (
    <div className="relative w-full sm:w-64">
      <Search aria-hidden className="pointer-events-none absolute start-2 top-1/2 size-3.5 -translate-y-1/2 text-muted" />
      <Input
        type="search"
        data-filter
        aria-label="Search by request id or end user"
        placeholder="Request id or end user"
        className="h-7 ps-7 text-xs"
        maxLength={200}
        value={text}
        onChange={(event) => setText(event.target.value)}
      />
    </div>
  );
}
