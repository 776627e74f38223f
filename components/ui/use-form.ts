"use client";
import { type FormEvent, useState, useTransition } from "react";
import type { Failure, Result } from "@/lib/core/result.ts";

const noConnection: Failure = {
  code: "unavailable",
  message: "The server did not answer. Check the connection and try again.",
  fields: {},
};

/**
 * Sends a form to its action and keeps what it answered: one submission at a time, what was typed stays on failure,
 * and the first wrong field gets the focus.
 */
export function useForm<T>(action: (form: FormData) => Promise<Result<T>>, onDone: (data: T) => void) {
  const [failure, setFailure] = useState<Failure | null>(null);
  const [pending, startTransition] = useTransition();

  function onSubmit(event: FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (pending) return;
    const form = event.currentTarget;
    startTransition(async () => {
      const result = await action(new FormData(form)).catch((): Result<T> => ({ ok: false, error: noConnection }));
      if (result.ok) {
        setFailure(null);
        onDone(result.data);
        return;
      }
      setFailure(result.error);
      const [field] = Object.keys(result.error.fields);
      const control = field ? form.elements.namedItem(field) : null;
      if (control instanceof HTMLElement) control.focus();
    });
  }

  const fields = failure?.fields ?? {};
  /** The sentence for above the form: only when no field carries one. */
  const problem = failure && Object.keys(fields).length === 0 ? failure.message : null;
  return {
    formProps: { onSubmit, noValidate: true, "aria-busy": pending },
    pending,
    fields: fields as Partial<Record<string, string>>,
    problem,
  };
}
