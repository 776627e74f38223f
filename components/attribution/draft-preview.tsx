"use client";
import { type RefObject, useState } from "react";
import { Button } from "@/components/ui/button.tsx";
import { previewAttribution } from "@/lib/attribution/queries.ts";
import { AttributionRuleForm, conditionsOf } from "@/lib/attribution/schema.ts";
import { toAppError } from "@/lib/core/database-errors.ts";
import { formatMoney } from "@/lib/core/money.ts";
import { formatCount } from "@/lib/core/numbers.ts";
import { useOrganization } from "@/lib/orgs/hooks.ts";
import { useDb } from "@/lib/supabase/browser.ts";

const days = 30;

/** Tries what the form says on recent history, without saving it. */
export function DraftPreview({ form }: { form: RefObject<HTMLFormElement | null> }) {
  const { organization } = useOrganization();
  const db = useDb();
  const [answer, setAnswer] = useState<{ text: string; isProblem?: boolean }>();
  const [pending, setPending] = useState(false);

  async function tryIt() {
    if (!form.current) return;
    const typed = AttributionRuleForm.safeParse({ ...Object.fromEntries(new FormData(form.current)), name: "Draft" });
    if (!typed.success) return setAnswer({ text: typed.error.issues[0]?.message ?? "Fill in the form first.", isProblem: true });
    setPending(true);
    try {
      const to = new Date();
      const from = new Date(to.getTime() - days * 86_400_000);
      const { rules, unattributed } = await previewAttribution(db, organization.id, {
        from: from.toISOString(),
        to: to.toISOString(),
        draft: conditionsOf(typed.data),
      });
      const draft = rules.find(({ isDraft }) => isDraft);
      setAnswer({
        text:
          unattributed.requests === 0
            ? `Everything of the last ${days} days has a team or a project already.`
            : `Of ${formatMoney(unattributed.cost)} that is nobody's in the last ${days} days, this rule would attribute ${formatMoney(draft?.cost ?? "0")} (${formatCount(draft?.requests ?? 0)} requests) that no other rule takes first.`,
      });
    } catch (error) {
      setAnswer({ text: toAppError(error).message, isProblem: true });
    } finally {
      setPending(false);
    }
  }

  return (
    <div className="flex flex-wrap items-center gap-3 rounded-lg bg-hover p-3 text-sm">
      <Button onClick={tryIt} pending={pending}>
        Try on the last {days} days
      </Button>
      <p role="status" className={answer?.isProblem ? "min-w-0 flex-1 text-critical" : "min-w-0 flex-1 text-muted"}>
        {answer?.text ?? "See what it would catch before saving."}
      </p>
    </div>
  );
}
