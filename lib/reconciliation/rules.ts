import { Temporal } from "temporal-polyfill";
import { type Provider, providers } from "../connections/schema.ts";
import { type DifferenceClass, differenceClasses, type ReconciliationScope } from "./schema.ts";

/** The latest 31 days and today: what a new connection fetches first. */
const RECENT = "recent";
const MONTHS_BACK = 12;

/** The windows a page offers: the recent days, then calendar months, newest first. `today` is a UTC date. */
export function windowChoices(today: string): { value: string; label: string }[] {
  const names = ["January", "February", "March", "April", "May", "June", "July", "August", "September", "October", "November", "December"];
  const month = Temporal.PlainDate.from(today).toPlainYearMonth();
  const months = Array.from({ length: MONTHS_BACK }, (_, back) => month.subtract({ months: back }));
  return [
    { value: RECENT, label: "Last 31 days" },
    ...months.map((each) => ({ value: each.toString(), label: `${names[each.month - 1]} ${each.year}` })),
  ];
}

/** UTC days of a window, half-open; anything unreadable is the recent days. */
function windowDays(choice: string, today: string): { from: string; to: string } {
  if (/^\d{4}-(0[1-9]|1[0-2])$/.test(choice)) {
    const month = Temporal.PlainYearMonth.from(choice);
    return { from: month.toPlainDate({ day: 1 }).toString(), to: month.add({ months: 1 }).toPlainDate({ day: 1 }).toString() };
  }
  const day = Temporal.PlainDate.from(today);
  return { from: day.subtract({ days: 31 }).toString(), to: day.add({ days: 1 }).toString() };
}

/** What the address says is looked at; what does not parse does not filter. `open=1`: only lines with a difference of any class. */
export function readScope(params: URLSearchParams, organizationId: string, today: string): ReconciliationScope {
  const wanted = params.get("class")?.split(",") ?? [];
  const classes = differenceClasses.filter((name): name is DifferenceClass => wanted.includes(name));
  const provider = providers.find((name): name is Provider => name === params.get("provider")) ?? null;
  const any = params.get("open") === "1" ? [...differenceClasses] : null;
  return { organizationId, ...windowDays(params.get("window") ?? RECENT, today), provider, classes: classes.length > 0 ? classes : any };
}
