"use client";
import { useState } from "react";
import { Banner } from "@/components/ui/banner.tsx";
import { Button } from "@/components/ui/button.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";
import { useForm } from "@/components/ui/use-form.ts";
import { requestReset, setNewPassword } from "@/lib/auth/actions.ts";
import { PASSWORD_LENGTH } from "@/lib/auth/rules.ts";
import { CheckInbox } from "./check-inbox.tsx";

export function RequestResetForm() {
  const [mailedTo, setMailedTo] = useState<string>();
  const { formProps, pending, fields, problem } = useForm(requestReset, ({ email }) => setMailedTo(email));
  if (mailedTo) return <CheckInbox email={mailedTo}>If there is an account for it, a link to set a new password is on its way.</CheckInbox>;
  return (
    <form {...formProps} className="grid gap-4">
      {problem ? <Banner tone="critical">{problem}</Banner> : null}
      <Field label="E-mail" error={fields.email}>
        <Input name="email" type="email" autoComplete="username" autoFocus spellCheck={false} />
      </Field>
      <Button type="submit" variant="primary" size="lg" pending={pending}>
        Mail me a link
      </Button>
    </form>
  );
}

export function NewPasswordForm({ email }: { email: string }) {
  const { formProps, pending, fields, problem } = useForm(setNewPassword, ({ to }) => location.assign(to));
  return (
    <form {...formProps} className="grid gap-4">
      {problem ? <Banner tone="critical">{problem}</Banner> : null}
      <input type="email" autoComplete="username" value={email} readOnly hidden />
      <Field label="New password" error={fields.password} hint={`At least ${PASSWORD_LENGTH.min} characters; a few words are good.`}>
        <Input name="password" type="password" autoComplete="new-password" autoFocus />
      </Field>
      <Button type="submit" variant="primary" size="lg" pending={pending}>
        Set password
      </Button>
    </form>
  );
}
