"use client";
import { AlertDialog as Primitive } from "radix-ui";
import { type ReactNode, useState } from "react";
import { Banner } from "./banner.tsx";
import { Button } from "./button.tsx";
import { overlayStyles } from "./dialog.tsx";
import { Field } from "./field.tsx";
import { Input } from "./input.tsx";

type ConfirmDialogProps = {
  open: boolean;
  onOpenChange: (open: boolean) => void;
  title: string;
  /** What will happen, by name and number. */
  consequences: ReactNode;
  confirmLabel: string;
  /** When given, this text must be typed before the button works. */
  typeToConfirm?: string;
  /** Runs the change; returns a sentence when it did not work. */
  onConfirm: () => Promise<string | undefined>;
};

/** Asks before something that cannot be undone, naming what will happen. */
export function ConfirmDialog({ open, onOpenChange, title, consequences, confirmLabel, typeToConfirm, onConfirm }: ConfirmDialogProps) {
  const [typed, setTyped] = useState("");
  const [pending, setPending] = useState(false);
  const [problem, setProblem] = useState<string>();

  async function confirm() {
    setPending(true);
    const message = await onConfirm();
    setPending(false);
    setProblem(message);
    if (!message) onOpenChange(false);
  }

  return (
    <Primitive.Root open={open} onOpenChange={onOpenChange}>
      <Primitive.Portal>
        <Primitive.Overlay className={overlayStyles} />
        <Primitive.Content className="fixed top-[16dvh] left-1/2 z-50 max-h-[75dvh] w-[min(28rem,calc(100vw-1.5rem))] -translate-x-1/2 overflow-y-auto rounded-lg bg-raised p-5 shadow-float outline-none">
          <Primitive.Title className="break-words font-semibold text-base">{title}</Primitive.Title>
          <Primitive.Description asChild>
            <div className="mt-2 grid gap-2 break-words text-muted text-sm">{consequences}</div>
          </Primitive.Description>
          {typeToConfirm ? (
            <Field
              className="mt-4"
              label={
                <>
                  Type <code className="break-all rounded-sm bg-hover px-1 py-0.5 text-xs">{typeToConfirm}</code> to confirm
                </>
              }
            >
              <Input value={typed} onChange={(event) => setTyped(event.target.value)} autoComplete="off" spellCheck={false} />
            </Field>
          ) : null}
          {problem ? (
            <Banner tone="critical" className="mt-4">
              {problem}
            </Banner>
          ) : null}
          <div className="mt-5 flex flex-wrap justify-end gap-2">
            <Primitive.Cancel asChild>
              <Button>Cancel</Button>
            </Primitive.Cancel>
            <Button
              variant="danger"
              pending={pending}
              disabled={typeToConfirm !== undefined && typed.trim() !== typeToConfirm}
              onClick={confirm}
            >
              {confirmLabel}
            </Button>
          </div>
        </Primitive.Content>
      </Primitive.Portal>
    </Primitive.Root>
  );
}
