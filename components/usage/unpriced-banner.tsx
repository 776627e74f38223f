"use client";
import Link from "next/link";
import { Banner } from "@/components/ui/banner.tsx";
import { buttonStyles } from "@/components/ui/button.tsx";
import { formatCount } from "@/lib/core/numbers.ts";
import { DEFAULT_CHOICE } from "@/lib/core/time-range.ts";
import { useUsage } from "@/lib/usage/hooks.ts";
import { usageHref } from "@/lib/usage/links.ts";
import { figuresQueries } from "@/lib/usage/picture.ts";

type UnpricedBannerProps = { organizationId: string; slug: string; timeZone: string; now: string };

/** Loud on purpose: requests without a price are missing from every sum on the page. */
export function UnpricedBanner({ organizationId, slug, timeZone, now }: UnpricedBannerProps) {
  const { data } = useUsage(figuresQueries({ organizationId, timeZone, now }).month);
  const unpriced = data?.unpriced_requests ?? 0;
  if (unpriced === 0) return null;
  const month = { ...DEFAULT_CHOICE, preset: "mtd" as const };
  return (
    <Banner
      tone="warning"
      className="mb-6"
      title={`${formatCount(unpriced)} ${unpriced === 1 ? "request" : "requests"} this month ${unpriced === 1 ? "has" : "have"} no price`}
      actions={
        <Link href={usageHref(slug, "requests", month, { cost_status: ["unpriced"] })} className={buttonStyles({})}>
          Show them
        </Link>
      }
    >
      Their model is not in the price list, so their cost is unknown, not zero. They are priced as soon as a price arrives.
    </Banner>
  );
}
