import Link from "next/link";
import { ExampleReceipt } from "@/components/marketing/example-receipt.tsx";
import { firstEventSamples } from "@/components/start/snippets.ts";
import { buttonStyles } from "@/components/ui/button.tsx";
import { cn } from "@/components/ui/cn.ts";
import { CodeTabs } from "@/components/ui/code-block.tsx";
import { Logo } from "@/components/ui/logo.tsx";
import { currentUser } from "@/lib/supabase/server.ts";
import { siteUrl } from "@/lib/supabase/settings.ts";

const facts = [
  {
    title: "Exact",
    text: "Costs are decimals from the dated price list to the chart, never floating-point. Any breakdown adds up to the total to the last digit, and an unknown price says “unpriced”, not zero.",
  },
  {
    title: "Live",
    text: "An accepted event is stored for good before your application hears so, and is on every open dashboard within seconds. A retried event changes nothing.",
  },
  {
    title: "Only yours",
    text: "The database itself decides who sees what, row by row. Teams, projects, five roles, keys that are shown once, and a log of every change.",
  },
  {
    title: "Out of the way",
    text: "The SDK sends usage in the background, in bounded memory. If TokenTRA is slow or down, your calls to the model go on as before.",
  },
];

export default async function LandingPage() {
  const user = await currentUser();
  const wide = "mx-auto w-full max-w-6xl px-4 sm:px-6";
  const big = cn(buttonStyles({ size: "lg" }), "h-11 px-5 text-base");
  return (
    <div className="text-base leading-6">
      <header className={cn(wide, "flex h-16 items-center justify-between gap-4")}>
        <Logo />
        <nav aria-label="Account" className="flex items-center gap-2">
          {user ? (
            <Link href="/auth/home" className={buttonStyles({ variant: "primary" })}>
              Open your dashboard
            </Link>
          ) : (
            <>
              <Link href="/login" className={buttonStyles({ variant: "ghost" })}>
                Sign in
              </Link>
              <Link href="/signup" className={cn(buttonStyles({ variant: "primary" }), "max-sm:hidden")}>
                Create an account
              </Link>
            </>
          )}
        </nav>
      </header>

      <main>
        <section
          className={cn(
            wide,
            "grid grid-cols-[minmax(0,1fr)] items-center gap-x-16 gap-y-12 py-14 sm:py-20 lg:grid-cols-[minmax(0,1fr)_26rem]",
          )}
        >
          <div>
            <h1 className="max-w-xl text-balance font-semibold text-4xl leading-[1.1] tracking-tight sm:text-5xl">
              What your organization spends on language models, while it spends it
            </h1>
            <p className="mt-5 max-w-xl text-lg text-muted">
              TokenTRA meters every call, prices it from a dated price list in exact decimals, and shows by team, project, feature and model
              where the money goes.
            </p>
            <div className="mt-8 flex flex-wrap gap-3">
              <Link href={user ? "/auth/home" : "/signup"} className={cn(big, "border-transparent bg-ink text-background hover:bg-ink/85")}>
                {user ? "Open your dashboard" : "Create an account"}
              </Link>
              <Link href={user ? "/new" : "/signup?next=/new"} className={big}>
                Explore the demo organization
              </Link>
            </div>
            <p className="mt-4 text-muted text-sm">
              The demo is invented usage of a made-up company, labelled as such, sent through the same door as yours.
            </p>
          </div>
          <ExampleReceipt />
        </section>

        <section aria-labelledby="facts" className="border-border border-y bg-surface">
          <h2 id="facts" className="sr-only">
            What you can rely on
          </h2>
          <ul className={cn(wide, "grid gap-x-10 gap-y-8 py-12 sm:grid-cols-2 lg:grid-cols-4")}>
            {facts.map(({ title, text }) => (
              <li key={title}>
                <h3 className="font-semibold">{title}</h3>
                <p className="mt-1.5 text-muted text-sm leading-6">{text}</p>
              </li>
            ))}
          </ul>
        </section>

        <section
          aria-labelledby="start"
          className={cn(wide, "grid grid-cols-[minmax(0,1fr)] gap-x-16 gap-y-8 py-14 lg:grid-cols-[20rem_minmax(0,1fr)]")}
        >
          <div>
            <h2 id="start" className="font-semibold text-2xl tracking-tight">
              One line around the client you have
            </h2>
            <p className="mt-3 text-muted">
              Wrap the official OpenAI or Anthropic client, streaming included, or send events from any language over HTTP. The first one
              appears on the page that gave you the key.
            </p>
          </div>
          <CodeTabs samples={firstEventSamples("tt_live_…", siteUrl())} />
        </section>
      </main>

      <footer className="border-border border-t">
        <div className={cn(wide, "flex flex-wrap items-center justify-between gap-3 py-6 text-muted text-sm")}>
          <p>TokenTRA runs on Postgres. It works on one machine and on a Supabase project, with the same code.</p>
          <Link href={user ? "/auth/home" : "/login"} className="link">
            {user ? "Your dashboard" : "Sign in"}
          </Link>
        </div>
      </footer>
    </div>
  );
}
