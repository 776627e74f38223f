import Link from "next/link";
import { formatExact, formatShare } from "@/lib/core/numbers.ts";
import type { Measures } from "@/lib/usage/measures.ts";

/** How much of a sum is not exact, in words, with the way to the requests behind it. Nothing when all of it is. */
export function NotExactMark({
  summary,
  href,
}: {
  summary: Pick<Measures, "requests" | "not_exact_requests" | "unpriced_requests">;
  href: string;
}) {
  const { requests, not_exact_requests: notExact, unpriced_requests: unpriced } = summary;
  if (notExact === 0 && unpriced === 0) return null;
  const word = unpriced > 0 ? `${formatShare(unpriced, requests)} unpriced` : `${formatShare(notExact, requests)} not exact`;
  const detail =
    unpriced > 0
      ? `${formatExact(unpriced)} of ${formatExact(requests)} requests have no price and are not in this sum`
      : `${formatExact(notExact)} of ${formatExact(requests)} requests are estimated`;
  return (
    <Link
      href={href}
      title={detail}
      className="figures whitespace-nowrap text-warning text-xs underline decoration-dotted underline-offset-3"
    >
      {word}
      <span className="sr-only">: {detail}</span>
    </Link>
  );
}
