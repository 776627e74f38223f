"use client";
import { useState } from "react";
import { Dialog, DialogContent } from "@/components/ui/dialog.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Kbd } from "@/components/ui/kbd.tsx";
import { Switch } from "@/components/ui/switch.tsx";
import { shortcutsAreOn, switchShortcuts, useShortcutList } from "./shortcuts.ts";

/** Every key that works on this page. */
export function ShortcutsSheet({ open, onOpenChange }: { open: boolean; onOpenChange: (open: boolean) => void }) {
  return (
    <Dialog open={open} onOpenChange={onOpenChange}>
      <DialogContent title="Keyboard shortcuts">
        <ShortcutList />
      </DialogContent>
    </Dialog>
  );
}

function ShortcutList() {
  const shortcuts = useShortcutList();
  const [on, setOn] = useState(shortcutsAreOn);
  return (
    <>
      <dl className="grid gap-2.5 text-sm">
        {[{ keys: "⌘K Ctrl+K", label: "Search and commands" }, ...shortcuts, { keys: "Esc", label: "Close what is open" }].map(
          ({ keys, label }) => (
            <div key={`${keys} ${label}`} className="flex items-center justify-between gap-4">
              <dt className="text-muted">{label}</dt>
              <dd className="flex gap-1">
                {keys.split(" ").map((key) => (
                  <Kbd key={key}>{key}</Kbd>
                ))}
              </dd>
            </div>
          ),
        )}
      </dl>
      <Field label="Single-key shortcuts" hint="Off: only ⌘K / Ctrl+K and Esc work." className="mt-5 border-border border-t pt-4">
        <Switch
          checked={on}
          onCheckedChange={(checked) => {
            switchShortcuts(checked);
            setOn(checked);
          }}
        />
      </Field>
    </>
  );
}
