import { z } from "zod";
import { Name } from "../orgs/schema.ts";

/** What a rule may look at, in the order of the form. Values may end with `*`, which stands for anything. */
export const conditionFields = ["api_key", "feature", "model", "provider", "environment", "end_user"] as const;
export type ConditionField = (typeof conditionFields)[number];

/** Conditions as the database keeps them. One entry of each list must fit, and every tag. */
export type Conditions = Partial<Record<ConditionField, string[]>> & { tags?: Record<string, string> };

const tooMany = "Use at most 200 values of at most 300 characters.";

const List = z
  .string()
  .default("")
  .transform((text) => [...new Set(text.split(/[,\n]/).map((value) => value.trim()))].filter((value) => value !== ""))
  .refine((values) => values.length <= 200 && values.every((value) => value.length <= 300), tooMany);

const Tags = z
  .string()
  .default("")
  .transform((text, context) => {
    const tags: Record<string, string> = {};
    for (const line of text.split(/[,\n]/).map((each) => each.trim())) {
      if (line === "") continue;
      const at = line.indexOf("=");
      if (at < 1) context.addIssue({ code: "custom", message: `Write tags as name=value; "${line.slice(0, 40)}" is not.` });
      else tags[line.slice(0, at).trim()] = line.slice(at + 1).trim();
    }
    return tags;
  });

const Target = z.union([z.uuid(), z.literal("none")]).transform((value) => (value === "none" ? null : value));

/** A rule as its form sends it: lists separated by commas, tags as `name=value`. */
export const AttributionRuleForm = z
  .object({
    organization_id: z.uuid(),
    id: z.union([z.uuid(), z.literal("")]),
    name: Name,
    position: z.coerce
      .number("Use a whole number.")
      .int("Use a whole number.")
      .min(1, "Use 1 or more.")
      .max(100_000, "Use at most 100000."),
    team_id: Target,
    project_id: Target,
    api_key: List,
    feature: List,
    model: List,
    provider: List,
    environment: List,
    end_user: List,
    tags: Tags,
  })
  .refine(({ team_id, project_id }) => team_id !== null || project_id !== null, {
    path: ["team_id"],
    message: "Choose a team or a project that this usage belongs to.",
  })
  .refine((rule) => Object.keys(conditionsOf(rule)).length > 0, { path: ["feature"], message: "Name at least one condition." });
export type AttributionRuleForm = z.infer<typeof AttributionRuleForm>;

/** The conditions of a form, without those that were left empty. */
export function conditionsOf(rule: Record<ConditionField, string[]> & { tags: Record<string, string> }): Conditions {
  const conditions: Conditions = {};
  for (const field of conditionFields) if (rule[field].length > 0) conditions[field] = rule[field];
  if (Object.keys(rule.tags).length > 0) conditions.tags = rule.tags;
  return conditions;
}
