"use client";
import { useState, useTransition } from "react";
import { Banner } from "@/components/ui/banner.tsx";
import { Button } from "@/components/ui/button.tsx";
import { acceptInvitation } from "@/lib/members/actions.ts";

export function AcceptInvitation({ token, organizationName }: { token: string; organizationName: string }) {
  const [pending, startTransition] = useTransition();
  const [problem, setProblem] = useState<string>();
  function accept() {
    startTransition(async () => {
      const result = await acceptInvitation(token);
      if (result.ok) location.assign(`/${result.data.slug}/overview`);
      else setProblem(result.error.message);
    });
  }
  return (
    <>
      {problem ? <Banner tone="critical">{problem}</Banner> : null}
      <Button variant="primary" size="lg" pending={pending} onClick={accept} className="min-w-0">
        <span className="truncate">Join {organizationName}</span>
      </Button>
    </>
  );
}
