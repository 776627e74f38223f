import { expect, it } from "vitest";
import type { Member } from "../../lib/members/queries.ts";
import type { MyOrganization } from "../../lib/orgs/queries.ts";
import type { Database } from "../../lib/supabase/database.types.ts";
import type { Measures } from "../../lib/usage/measures.ts";
import type { BreakdownRow, FilterValue, LiveMinute, Pulse, RequestRow, SeriesRow } from "../../lib/usage/rows.ts";

type Functions = Database["public"]["Functions"];
type RowOf<Name extends keyof Functions> = Functions[Name]["Returns"] extends (infer Row)[] ? Row : Functions[Name]["Returns"];

/** Fields that one side has and the other lacks: none, or the name is the compiler's message. */
type Odd<Ours, Name extends keyof Functions> = Exclude<keyof Ours, keyof RowOf<Name>> | Exclude<keyof RowOf<Name>, keyof Ours>;
type Same<Difference> = [Difference] extends [never] ? true : Difference;

/** Checked by the compiler: a column that is renamed in SQL breaks this file until the row type follows. */
const rowsFollowTheDatabase: {
  spend_summary: Same<Odd<Measures, "spend_summary">>;
  spend_series: Same<Odd<SeriesRow, "spend_series">>;
  spend_by: Same<Odd<BreakdownRow, "spend_by">>;
  usage_requests: Same<Odd<RequestRow, "usage_requests">>;
  usage_live: Same<Odd<LiveMinute, "usage_live">>;
  usage_pulse: Same<Odd<Pulse, "usage_pulse">>;
  filter_values: Same<Odd<FilterValue, "filter_values">>;
  my_organizations: Same<Odd<MyOrganization, "my_organizations">>;
  organization_members_list: Same<Odd<Member, "organization_members_list">>;
} = {
  spend_summary: true,
  spend_series: true,
  spend_by: true,
  usage_requests: true,
  usage_live: true,
  usage_pulse: true,
  filter_values: true,
  my_organizations: true,
  organization_members_list: true,
};

it("row types have the columns of the questions they read", () => {
  expect(Object.values(rowsFollowTheDatabase)).not.toContain(false);
});
