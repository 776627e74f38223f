"use client";
import { FlaskConical } from "lucide-react";
import Link from "next/link";
import { useRouter } from "next/navigation";
import { useState } from "react";
import { Button, buttonStyles } from "@/components/ui/button.tsx";
import { ConfirmDialog } from "@/components/ui/confirm-dialog.tsx";
import { toast } from "@/components/ui/toast.tsx";
import { removeDemoOrganization } from "@/lib/orgs/actions.ts";
import { useOrganization } from "@/lib/orgs/hooks.ts";

/** Says on every page that these numbers are made up, and takes them away when asked. */
export function DemoBanner() {
  const { organization, organizations } = useOrganization();
  const [asking, setAsking] = useState(false);
  const router = useRouter();
  if (!organization.is_demo) return null;
  const own = organizations.find((entry) => !entry.is_demo);

  async function remove() {
    const result = await removeDemoOrganization(organization.id);
    if (!result.ok) return result.error.message;
    toast({ title: "Demo data removed" });
    router.push(own ? `/${own.slug}/overview` : "/new");
    return undefined;
  }

  return (
    <section
      aria-label="About this organization"
      data-print="hidden"
      className="flex flex-wrap items-center gap-x-3 gap-y-1.5 border-info/25 border-b bg-info-soft px-4 py-1.5 text-sm sm:px-6"
    >
      <FlaskConical aria-hidden className="size-4 shrink-0 text-info" />
      <p className="min-w-0 flex-1 basis-60">
        <span className="font-medium">Demo organization.</span> Invented usage, sent through the same door as yours would be.
      </p>
      <div className="flex flex-wrap gap-2">
        <Link href={own ? `/${own.slug}/overview` : "/new"} className={buttonStyles({ size: "sm" })}>
          {own ? "Go to yours" : "Create yours"}
        </Link>
        <Button size="sm" variant="ghost" onClick={() => setAsking(true)}>
          Remove demo data
        </Button>
      </div>
      <ConfirmDialog
        open={asking}
        onOpenChange={setAsking}
        title="Remove the demo data?"
        consequences={
          organization.role === "owner" ? (
            <p>The demo organization and all its invented usage are deleted, for everyone. Your own organizations are not touched.</p>
          ) : (
            <p>You leave the demo organization and it disappears from your list. Your own organizations are not touched.</p>
          )
        }
        confirmLabel="Remove demo data"
        onConfirm={remove}
      />
    </section>
  );
}
