"use client";
import { FlaskConical } from "lucide-react";
import { useRouter } from "next/navigation";
import { type ReactNode, useState } from "react";
import { Button } from "@/components/ui/button.tsx";
import { PageHeader } from "@/components/ui/section.tsx";
import { toast } from "@/components/ui/toast.tsx";
import { createApiKey } from "@/lib/api-keys/actions.ts";
import { joinDemoOrganization } from "@/lib/orgs/actions.ts";
import { useOrganization, usePermission } from "@/lib/orgs/hooks.ts";
import { lastWeek } from "@/lib/usage/picture.ts";
import { KeyStep } from "./key-step.tsx";
import { Listening } from "./listening.tsx";

/** Three steps on one page: a key, the snippet with it inside, the event arriving. Or a look at the demo first. */
export function StartPage({ now, siteUrl, existingKeys }: { now: string; siteUrl: string; existingKeys: number }) {
  const { organization } = useOrganization();
  const mayCreate = usePermission("api_keys.write");

  async function createKey() {
    const form = new FormData();
    form.set("organization_id", organization.id);
    form.set("name", existingKeys === 0 ? "First key" : "Key from the first steps");
    form.append("scopes", "ingest");
    form.set("expires_in_days", "none");
    const result = await createApiKey(form);
    return result.ok ? { key: result.data.key } : { error: result.error.message };
  }

  return (
    <div className="mx-auto grid max-w-3xl grid-cols-1 gap-8">
      <PageHeader title="Send your first event" description="From here to a live dashboard in about two minutes." />
      <ol className="-mt-6 grid grid-cols-1 gap-8">
        <Step number={1} title="Your key, already in the snippet">
          <KeyStep siteUrl={siteUrl} mayCreate={mayCreate} existingKeys={existingKeys} createKey={createKey} />
        </Step>
        <Step number={2} title="Run it where you call a model">
          <p className="text-muted">
            Paste it into your service, or into a terminal to try it. Only usage is sent: prompts and answers never leave your side.
          </p>
        </Step>
        <Step number={3} title="Watch it arrive">
          <Listening
            organizationId={organization.id}
            slug={organization.slug}
            timeZone={organization.time_zone}
            week={lastWeek(organization.time_zone, now)}
            now={now}
          />
        </Step>
      </ol>
      {organization.is_demo ? null : <DemoPath />}
    </div>
  );
}

function Step({ number, title, children }: { number: number; title: string; children: ReactNode }) {
  return (
    <li className="grid grid-cols-[2rem_minmax(0,1fr)] gap-x-3">
      <span aria-hidden className="figures grid size-6 place-items-center rounded-full border border-border text-muted text-xs">
        {number}
      </span>
      <div className="grid grid-cols-1 gap-3">
        <h2 className="font-semibold text-sm leading-6">{title}</h2>
        {children}
      </div>
    </li>
  );
}

function DemoPath() {
  const router = useRouter();
  const [isPending, setIsPending] = useState(false);

  async function explore() {
    setIsPending(true);
    const result = await joinDemoOrganization();
    setIsPending(false);
    if (result.ok) router.push(`/${result.data.slug}/overview`);
    else toast({ title: result.error.message, tone: "warning" });
  }

  return (
    <div className="flex flex-wrap items-center justify-between gap-3 border-border border-t pt-6">
      <p className="min-w-0 flex-1 basis-64 text-muted">
        Nothing to send yet? Look around in a demo organization with 90 days of realistic usage. It goes away with one click.
      </p>
      <Button onClick={explore} pending={isPending}>
        <FlaskConical aria-hidden />
        Explore the demo
      </Button>
    </div>
  );
}
