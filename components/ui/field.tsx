"use client";
import { createContext, type ReactNode, useContext, useId } from "react";
import { cn } from "./cn.ts";

type FieldContext = { id: string; describedBy: string | undefined; invalid: boolean; required: boolean };
const Context = createContext<FieldContext | null>(null);

/** Attributes that tie a control to the Field around it; empty outside a Field. */
export function useFieldControl() {
  const field = useContext(Context);
  if (!field) return {};
  return {
    id: field.id,
    "aria-describedby": field.describedBy,
    "aria-invalid": field.invalid || undefined,
    "aria-required": field.required || undefined,
  };
}

type FieldProps = {
  label: ReactNode;
  hint?: ReactNode;
  error?: string | undefined;
  required?: boolean;
  optional?: boolean;
  className?: string;
  children: ReactNode;
};

/** Label, control, hint and error, wired together for screen readers. The error says what to do. */
export function Field({ label, hint, error, required = false, optional = false, className, children }: FieldProps) {
  const id = useId();
  const describedBy = [hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ") || undefined;
  return (
    <Context.Provider value={{ id, describedBy, invalid: Boolean(error), required }}>
      <div className={cn("grid gap-1.5", className)}>
        <label htmlFor={id} className="font-medium text-sm">
          {label}
          {optional ? <span className="font-normal text-muted"> (optional)</span> : null}
        </label>
        {children}
        {error ? (
          <p id={`${id}-error`} role="alert" className="text-critical text-xs">
            {error}
          </p>
        ) : null}
        {hint ? (
          <div id={`${id}-hint`} className="text-muted text-xs">
            {hint}
          </div>
        ) : null}
      </div>
    </Context.Provider>
  );
}

/** A group of controls under one legend (radio buttons, scopes). */
export function FieldSet({
  legend,
  hint,
  error,
  children,
}: {
  legend: string;
  hint?: string;
  error?: string | undefined;
  children: ReactNode;
}) {
  return (
    <fieldset className="grid gap-2">
      <legend className="mb-1.5 font-medium text-sm">{legend}</legend>
      {hint ? <p className="-mt-1 text-muted text-xs">{hint}</p> : null}
      {children}
      {error ? (
        <p role="alert" className="text-critical text-xs">
          {error}
        </p>
      ) : null}
    </fieldset>
  );
}
