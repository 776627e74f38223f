"use client";
import { ArrowUp } from "lucide-react";
import { Button } from "@/components/ui/button.tsx";
import { formatCount } from "@/lib/core/numbers.ts";

/** "12 new requests": rows that wait because someone is reading. `most` is how many could be counted. */
export function NewRowsButton({ count, most, onShow }: { count: number; most: number; onShow: () => void }) {
  if (count === 0) return null;
  return (
    <Button variant="secondary" size="sm" onClick={onShow} className="animate-fade">
      <ArrowUp aria-hidden />
      {count >= most ? `${formatCount(most)}+` : formatCount(count)} new {count === 1 ? "request" : "requests"}
    </Button>
  );
}
