import { type ConditionField, type Conditions, conditionFields } from "@/lib/attribution/schema.ts";

const words: Record<ConditionField, string> = {
  api_key: "API key",
  feature: "feature",
  model: "model",
  provider: "provider",
  environment: "environment",
  end_user: "end user",
};

/** Conditions as people read them: "feature is chat or search-*, tag tier is gold". */
export function conditionText(conditions: Conditions, keyNames: ReadonlyMap<string, string>): string {
  const lists = conditionFields.flatMap((field) => {
    const values = conditions[field];
    if (!values) return [];
    const named = field === "api_key" ? values.map((id) => keyNames.get(id) ?? "a deleted key") : values;
    return [`${words[field]} is ${named.join(" or ")}`];
  });
  const tags = Object.entries(conditions.tags ?? {}).map(([name, value]) => `tag ${name} is ${value}`);
  return [...lists, ...tags].join(", ");
}
