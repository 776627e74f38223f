"use client";
import { Ellipsis, Pencil, Trash2 } from "lucide-react";
import type { ReactNode } from "react";
import { Button } from "./button.tsx";
import { DropdownMenu, DropdownMenuContent, DropdownMenuItem, DropdownMenuTrigger } from "./dropdown-menu.tsx";

/** The "…" at the end of a row; children are DropdownMenuItems. */
export function RowMenu({ label, children }: { label: string; children: ReactNode }) {
  return (
    <DropdownMenu>
      <DropdownMenuTrigger asChild>
        <Button variant="ghost" size="icon-sm" aria-label={label}>
          <Ellipsis aria-hidden />
        </Button>
      </DropdownMenuTrigger>
      <DropdownMenuContent align="end">{children}</DropdownMenuContent>
    </DropdownMenu>
  );
}

/** What can be done with most things in a list. */
export function ChangeAndDelete({ onChange, onDelete }: { onChange: () => void; onDelete: () => void }) {
  return (
    <>
      <DropdownMenuItem onSelect={onChange}>
        <Pencil aria-hidden />
        Change
      </DropdownMenuItem>
      <DropdownMenuItem danger onSelect={onDelete}>
        <Trash2 aria-hidden />
        Delete
      </DropdownMenuItem>
    </>
  );
}
