"use client";
import { FileQuestion } from "lucide-react";
import { EmptyState } from "@/components/ui/empty-state.tsx";
import { Section } from "@/components/ui/section.tsx";
import { Sheet, SheetContent } from "@/components/ui/sheet.tsx";
import { Skeleton } from "@/components/ui/skeleton.tsx";
import { QueryError } from "@/components/usage/query-error.tsx";
import { useOrganization } from "@/lib/orgs/hooks.ts";
import { usePrices } from "@/lib/pricing/hooks.ts";
import { type PriceDetails, priceDetailsQuery } from "@/lib/pricing/queries.ts";
import { PriceHistory } from "./price-history.tsx";
import { PriceTiers } from "./price-tiers.tsx";

/** One model at the side, named `provider/model` in the address: what each tier costs, every name, every price it ever had. */
export function PricePanel({ name, onClose }: { name: string; onClose: () => void }) {
  return (
    <Sheet open={name !== ""} onOpenChange={(open) => !open && onClose()}>
      {name === "" ? null : <PanelContent key={name} name={name} />}
    </Sheet>
  );
}

function PanelContent({ name }: { name: string }) {
  const { organization } = useOrganization();
  const cut = name.indexOf("/");
  const [provider, model] = [name.slice(0, cut), name.slice(cut + 1)];
  const { data, error, refetch, isPlaceholderData } = usePrices(priceDetailsQuery(organization.id, provider, model));
  const details = isPlaceholderData ? undefined : data;
  return (
    <SheetContent title={model} description={provider}>
      {error && details === undefined ? <QueryError error={error} what="This price" onRetry={() => refetch()} /> : null}
      {details === undefined && !error ? (
        <div role="status" aria-label="Loading the price" className="grid gap-4">
          <Skeleton className="h-40 w-full" />
          <Skeleton className="h-24 w-full" />
        </div>
      ) : null}
      {details === null ? (
        <EmptyState icon={<FileQuestion />} title="No price is known">
          Neither the price list nor an agreement of this organization knows this model.
        </EmptyState>
      ) : null}
      {details ? (
        <>
          <Section title="What a request costs now" description="Short prompts, at this moment; factors and discounts included.">
            <PriceTiers lines={details.tiers} />
          </Section>
          <Section title="Names it goes by" description={matched(details)}>
            <Names aliases={details.aliases} />
          </Section>
          <Section title="History" description="Every price ever believed. Nothing is edited: what turned out wrong is superseded.">
            <PriceHistory rows={details.history} timeZone={organization.time_zone} />
          </Section>
        </>
      ) : null}
    </SheetContent>
  );
}

function matched({ matched_alias, is_exact }: PriceDetails): string {
  if (matched_alias === null) return "The name a request carries decides; nothing is cut off it before it is looked up.";
  return `This name matched “${matched_alias}”${is_exact ? "" : ", by a pattern: its cost is an estimate"}.`;
}

function Names({ aliases }: { aliases: PriceDetails["aliases"] }) {
  if (aliases.length === 0) return <p className="text-muted text-sm">Only its own.</p>;
  return (
    <ul className="grid gap-1 text-sm">
      {aliases.map((alias) => (
        <li key={`${alias.name} ${alias.pattern}`} className="flex min-w-0 flex-wrap items-baseline gap-x-2">
          <code className="break-all text-xs">{alias.name ?? alias.pattern}</code>
          <span className="text-muted text-xs">{alias.name === null ? "pattern, estimated" : alias.is_exact ? "exact" : "estimated"}</span>
        </li>
      ))}
    </ul>
  );
}
