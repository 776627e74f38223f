import { z } from "zod";

/** US dollars or a percentage as a person types it; it stays text all the way to the database. */
const DecimalText = z
  .string()
  .trim()
  .regex(/^\d{1,12}(\.\d{1,18})?$/, "Use a plain number such as 2.50.");

const orNull = (value: unknown) => (value === undefined || (typeof value === "string" && value.trim() === "") ? null : value);
const OptionalText = (longest: number) =>
  z.preprocess(orNull, z.string().trim().max(longest, `Use at most ${longest} characters.`).nullable());
const OptionalDay = z.preprocess(orNull, z.iso.date("Use a date such as 2026-12-01.").nullable());

/**
 * What an organization agreed on: a rate for one unit of one model, or a percentage off. `amount` is US dollars per million units
 * (`per` "million") or per unit, or the percentage. Days are whole ones in the organization's zone, the last included.
 */
export const OverrideInput = z
  .object({
    organization_id: z.uuid(),
    kind: z.enum(["rate", "discount"]),
    provider: OptionalText(100),
    model: OptionalText(200),
    unit: z.preprocess(
      orNull,
      z
        .string()
        .trim()
        .regex(/^[a-z][a-z0-9_]{0,63}$/, "A unit is a name like input_tokens.")
        .nullable(),
    ),
    service_tier: OptionalText(32),
    amount: DecimalText,
    per: z.enum(["million", "one"]).default("one"),
    first_day: OptionalDay,
    last_day: OptionalDay,
    note: OptionalText(1000),
  })
  .superRefine((input, context) => {
    const complain = (field: string, message: string) => context.addIssue({ code: "custom", path: [field], message });
    if (input.kind === "rate" && !input.provider) complain("provider", "A rate needs its provider.");
    if (input.kind === "rate" && !input.model) complain("model", "A rate needs its model.");
    if (input.kind === "rate" && !input.unit) complain("unit", "A rate is for one unit.");
    if (input.model && !input.provider) complain("provider", "A model needs its provider.");
    if (input.kind === "discount" && !/^(100(\.0+)?|\d{1,2}(\.\d+)?)$/.test(input.amount)) {
      complain("amount", "A discount is at most 100 percent.");
    }
    if (input.first_day && input.last_day && input.last_day < input.first_day) complain("last_day", "The last day comes before the first.");
  });
export type OverrideInput = z.infer<typeof OverrideInput>;

/** A promise to spend at least `amount` US dollars with a provider (null = all), per month or over the whole term. */
export const CommitmentInput = z
  .object({
    organization_id: z.uuid(),
    provider: OptionalText(100),
    amount: DecimalText,
    period: z.enum(["month", "term"]),
    first_day: z.iso.date("Say when it begins."),
    last_day: OptionalDay,
    note: OptionalText(1000),
  })
  .superRefine((input, context) => {
    if (input.period === "term" && !input.last_day)
      context.addIssue({ code: "custom", path: ["last_day"], message: "A term has a last day." });
    if (input.last_day && input.last_day < input.first_day) {
      context.addIssue({ code: "custom", path: ["last_day"], message: "The last day comes before the first." });
    }
  });
