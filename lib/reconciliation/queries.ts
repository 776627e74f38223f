import type { Provider } from "../connections/schema.ts";
import { toAppError } from "../core/database-errors.ts";
import type { Money } from "../core/money.ts";
import type { Db } from "../supabase/db.ts";
import type { DifferenceClass, ReconciliationScope } from "./schema.ts";

type Amounts = Record<"tracked" | "journaled" | "billed" | "difference" | DifferenceClass, NonNullable<Money>>;

/** One UTC day, line and key. Amounts are decimal text in US dollars; `key` empty = not linked to one of our keys. */
export type ReconciliationLine = Amounts & {
  provider: Provider;
  day: string;
  model: string;
  component: string;
  key: string;
  key_name: string;
  tracked_quantity: string;
  billed_quantity: string;
  is_settled: boolean;
  total_rows: number;
};

/** `adjustable`: what an adjustment of the scope would enter; `shown_before` and `shown_after`: what totals show of its lines. */
export type ReconciliationSummary = Amounts & {
  adjustable: string;
  shown_before: string;
  shown_after: string;
  lines: number;
  open_lines: number;
  unsettled_lines: number;
  first_day: string | null;
  last_day: string | null;
};

/** An entry of the journal. `reversed_by_id`: the entry that took it back. */
export type JournalEntry = {
  id: string;
  kind: "reconciliation" | "reversal";
  reason: string;
  provider: Provider | null;
  first_day: string;
  last_day: string;
  lines: number;
  amount: string;
  reverses_id: string | null;
  reversed_by_id: string | null;
  created_by_label: string;
  created_at: string;
};

const reconciliationKey = (what: string, ...scope: readonly unknown[]) => ["reconciliation", what, ...scope] as const;

const args = ({ organizationId, from, to, provider, classes }: ReconciliationScope) => ({
  p_organization_id: organizationId,
  p_from: from,
  p_to: to,
  p_provider: provider ?? undefined,
  p_classes: classes ?? undefined,
});

/** Lines of a scope in an order of the database's (`day`, `difference`, `billed`, `tracked`, `model`). */
export function linesQuery(scope: ReconciliationScope, order: string, limit: number) {
  return {
    queryKey: reconciliationKey("lines", scope, order, limit),
    queryFn: async (db: Db): Promise<ReconciliationLine[]> => {
      const { data, error } = await db.rpc("reconciliation", { ...args(scope), p_order: order, p_limit: limit });
      if (error) throw toAppError(error);
      return data as ReconciliationLine[];
    },
  };
}

/** The sums of a scope: also what an adjustment of it would enter. */
export function summaryQuery(scope: ReconciliationScope) {
  return {
    queryKey: reconciliationKey("summary", scope),
    queryFn: async (db: Db): Promise<ReconciliationSummary> => {
      const { data, error } = await db.rpc("reconciliation_summary", args(scope)).single<ReconciliationSummary>();
      if (error) throw toAppError(error);
      return data;
    },
  };
}

export function journalQuery(organizationId: string) {
  return {
    queryKey: reconciliationKey("journal", organizationId),
    queryFn: async (db: Db): Promise<JournalEntry[]> => {
      const { data, error } = await db.rpc("list_adjustments", { p_organization_id: organizationId });
      if (error) throw toAppError(error);
      return data as JournalEntry[];
    },
  };
}
