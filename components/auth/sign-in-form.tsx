"use client";
import Link from "next/link";
import { useState } from "react";
import { Banner } from "@/components/ui/banner.tsx";
import { Button } from "@/components/ui/button.tsx";
import { Field } from "@/components/ui/field.tsx";
import { Input } from "@/components/ui/input.tsx";
import { useForm } from "@/components/ui/use-form.ts";
import { sendSignInLink, signIn } from "@/lib/auth/actions.ts";
import { CheckInbox } from "./check-inbox.tsx";

/** Password or mailed link, one form: the address is typed once. */
export function SignInForm({ next }: { next: string | null }) {
  const [way, setWay] = useState<"password" | "link">("password");
  const [mailedTo, setMailedTo] = useState<string>();
  const password = useForm(signIn, ({ to }) => location.assign(to));
  const link = useForm(sendSignInLink, ({ email }) => setMailedTo(email));
  if (mailedTo)
    return (
      <CheckInbox email={mailedTo}>If there is an account for it, a sign-in link is on its way. It works once, for one hour.</CheckInbox>
    );

  const { formProps, pending, fields, problem } = way === "password" ? password : link;
  return (
    <form {...formProps} className="grid gap-4">
      {problem ? <Banner tone="critical">{problem}</Banner> : null}
      <input type="hidden" name="next" value={next ?? ""} />
      <Field label="E-mail" error={fields.email}>
        <Input name="email" type="email" autoComplete="username" autoFocus spellCheck={false} />
      </Field>
      {way === "password" ? (
        <Field
          label="Password"
          error={fields.password}
          hint={
            <Link href="/reset" className="link">
              Forgot it?
            </Link>
          }
        >
          <Input name="password" type="password" autoComplete="current-password" />
        </Field>
      ) : null}
      <Button type="submit" variant="primary" size="lg" pending={pending}>
        {way === "password" ? "Sign in" : "Mail me a sign-in link"}
      </Button>
      <Button variant="ghost" onClick={() => setWay(way === "password" ? "link" : "password")}>
        {way === "password" ? "Sign in with a mailed link instead" : "Sign in with a password instead"}
      </Button>
    </form>
  );
}
