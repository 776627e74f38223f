"use client";
import { useState } from "react";
import { Banner } from "@/components/ui/banner.tsx";
import { Button } from "@/components/ui/button.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";
import { useForm } from "@/components/ui/use-form.ts";
import { signUp } from "@/lib/auth/actions.ts";
import { PASSWORD_LENGTH } from "@/lib/auth/rules.ts";
import { CheckInbox } from "./check-inbox.tsx";

export function SignUpForm({ next }: { next: string | null }) {
  const [mailedTo, setMailedTo] = useState<string>();
  const { formProps, pending, fields, problem } = useForm(signUp, ({ to, email }) => (to ? location.assign(to) : setMailedTo(email)));
  if (mailedTo)
    return <CheckInbox email={mailedTo}>Open the link in the mail to confirm the address; it brings you straight on.</CheckInbox>;

  return (
    <form {...formProps} className="grid gap-4">
      {problem ? <Banner tone="critical">{problem}</Banner> : null}
      <input type="hidden" name="next" value={next ?? ""} />
      <Field label="Your name" error={fields.name}>
        <Input name="name" autoComplete="name" autoFocus maxLength={80} />
      </Field>
      <Field label="E-mail" error={fields.email}>
        <Input name="email" type="email" autoComplete="username" spellCheck={false} />
      </Field>
      <Field label="Password" error={fields.password} hint={`At least ${PASSWORD_LENGTH.min} characters; a few words are good.`}>
        <Input name="password" type="password" autoComplete="new-password" />
      </Field>
      <Button type="submit" variant="primary" size="lg" pending={pending}>
        Create account
      </Button>
    </form>
  );
}
