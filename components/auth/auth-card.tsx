import Link from "next/link";
import type { ReactNode } from "react";
import { Logo } from "@/components/ui/logo.tsx";

type AuthCardProps = { title: string; description?: ReactNode; footer?: ReactNode; children: ReactNode };

/** The narrow page of everything around an account. */
export function AuthCard({ title, description, footer, children }: AuthCardProps) {
  return (
    <main className="grid min-h-dvh content-start justify-center px-4 grid-cols-[minmax(0,24rem)] pt-[12dvh] pb-12">
      <div>
        <Link href="/" className="mb-8 inline-flex">
          <Logo />
        </Link>
        <h1 className="break-words font-semibold text-xl tracking-tight">{title}</h1>
        {description ? <div className="mt-1.5 text-muted">{description}</div> : null}
        <div className="mt-6 grid gap-4">{children}</div>
        {footer ? <div className="mt-6 border-border border-t pt-4 text-muted">{footer}</div> : null}
      </div>
    </main>
  );
}
