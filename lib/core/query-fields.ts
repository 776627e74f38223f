import { z } from "zod";
import { canonicalInstant } from "./instant.ts";

/** The parts that queries and answers are made of. The sentence of a rule follows the field's name: "limit must be …". */

export const filterNames = [
  "provider",
  "model",
  "team",
  "project",
  "feature",
  "api_key",
  "end_user",
  "environment",
  "service_tier",
  "endpoint",
  "status",
  "cost_status",
] as const;

export const groupings = filterNames.filter((name) => name !== "cost_status");

const calendarDay = /^\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01])$/;

function isMoment(value: string): boolean {
  if (!calendarDay.test(value)) return canonicalInstant(value) !== null;
  return canonicalInstant(`${value}T00:00:00Z`) !== null;
}

/** A day of the organization's calendar, or an instant. */
const moment = z.string().refine(isMoment, "must be a day such as 2026-11-01 or an RFC 3339 time with a zone");

export const windowFields = {
  start_date: moment
    .optional()
    .describe(
      "Inclusive. A day (midnight in the organization's time zone) or an RFC 3339 time with a zone. Default: the first of this month.",
    ),
  end_date: moment.optional().describe("Exclusive, in the same forms. Default: now."),
};

const filterText = z.string().max(200, "must have at most 200 characters");
const filterList = z.array(filterText).max(100, "may be given at most 100 times").optional();

export const filterFields = Object.fromEntries(
  filterNames.map((name) => [
    name,
    filterList.describe(
      `Only ${name.replace("_", " ")}s with this value; repeat it for several, leave it empty for what has none${["team", "project", "api_key"].includes(name) ? " (by id)" : ""}.`,
    ),
  ]),
) as Record<(typeof filterNames)[number], typeof filterList>;

/** A whole number in a query string. */
export const wholeNumber = (min: number, max: number, fallback: number) =>
  z.coerce
    .number(`must be a whole number from ${min} to ${max}`)
    .int(`must be a whole number from ${min} to ${max}`)
    .min(min, `must be a whole number from ${min} to ${max}`)
    .max(max, `must be a whole number from ${min} to ${max}`)
    .default(fallback);

/** One of a closed list. */
export const choice = <const T extends readonly [string, ...string[]]>(values: T) => z.enum(values, `must be one of ${values.join(", ")}`);

/** An exact amount of US dollars. */
export const money = z.string().regex(/^-?\d+(\.\d+)?$/);
export const count = z.int().nonnegative();
/** A time with an offset, as the database writes it. */
export const time = z.iso.datetime({ offset: true });
export const milliseconds = z.int().nonnegative().nullable();

export type Filters = Partial<Record<(typeof filterNames)[number], string[]>>;

/** The filters among the fields of a query, as the database takes them. */
export function filtersOf(query: Filters): Filters {
  return Object.fromEntries(filterNames.flatMap((name) => (query[name] === undefined ? [] : [[name, query[name]]])));
}
