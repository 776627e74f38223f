import Link from "next/link";
import { buttonStyles } from "@/components/ui/button.tsx";
import { Logo } from "@/components/ui/logo.tsx";

export const metadata = { title: "Not found" };

export default function NotFound() {
  return (
    <main className="mx-auto grid min-h-dvh max-w-md content-start gap-3 px-4 pt-[16dvh]">
      <Link href="/" className="mb-6 inline-flex">
        <Logo />
      </Link>
      <h1 className="font-semibold text-xl tracking-tight">There is nothing at this address</h1>
      <p className="text-muted">
        The page does not exist, or your account may not see it. If somebody sent you the link, ask them to invite you to the organization.
      </p>
      <div>
        <Link href="/auth/home" className={buttonStyles({ variant: "primary" })}>
          Go to your organization
        </Link>
      </div>
    </main>
  );
}
