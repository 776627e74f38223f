"use client";
import { FlaskConical } from "lucide-react";
import { useState, useTransition } from "react";
import { Banner } from "@/components/ui/banner.tsx";
import { Button } from "@/components/ui/button.tsx";
import { joinDemoOrganization } from "@/lib/orgs/actions.ts";

/** One click into the demo organization. */
export function ExploreDemoButton() {
  const [pending, startTransition] = useTransition();
  const [problem, setProblem] = useState<string>();
  function join() {
    startTransition(async () => {
      const result = await joinDemoOrganization();
      if (result.ok) location.assign(`/${result.data.slug}/overview`);
      else setProblem(result.error.message);
    });
  }
  return (
    <div className="grid gap-2">
      <Button size="lg" pending={pending} onClick={join}>
        <FlaskConical aria-hidden />
        Explore the demo organization
      </Button>
      {problem ? <Banner tone="warning">{problem}</Banner> : null}
    </div>
  );
}
