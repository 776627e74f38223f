"use client";
import { Plus } from "lucide-react";
import { Button } from "./button.tsx";
import { useUrlState } from "./use-url-state.ts";

/** The primary action of a list page: puts `create=1` into the address, which opens the dialog. */
export function CreateButton({ label }: { label: string }) {
  const url = useUrlState();
  return (
    <Button variant="primary" onClick={() => url.set({ create: "1" })}>
      <Plus aria-hidden />
      {label}
    </Button>
  );
}
