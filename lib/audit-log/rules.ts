/** What the log can be about, in words. */
export const entityLabels: Record<string, string> = {
  organization: "Organization",
  member: "Member",
  team: "Team",
  team_member: "Team member",
  project: "Project",
  invitation: "Invitation",
  api_key: "API key",
  price_override: "Price agreement",
  price_commitment: "Commitment",
  re_rating: "Re-rating",
  closed_period: "Closed month",
  attribution_rule: "Attribution rule",
  connection: "Connection",
  import: "Import",
  saved_view: "Saved view",
};

const verbs: Record<string, string> = {
  created: "created",
  updated: "changed",
  deleted: "deleted",
  revoked: "revoked",
  accepted: "accepted",
  rotated: "rotated",
};

/** `api_key.rotated` → "API key rotated", `member.created` → "Member added". */
export function actionWords(action: string): string {
  const [entity = "", verb = ""] = action.split(".");
  if (entity.endsWith("member") && verb === "created") return `${entityLabels[entity]} added`;
  if (entity.endsWith("member") && verb === "deleted") return `${entityLabels[entity]} removed`;
  return `${entityLabels[entity] ?? entity.replaceAll("_", " ")} ${verbs[verb] ?? verb.replaceAll("_", " ")}`;
}

/** One value of a change as text; nothing at all is "–". */
export function valueWords(value: unknown): string {
  if (value === null || value === undefined || value === "") return "–";
  if (typeof value === "string") return value;
  if (Array.isArray(value) && value.every((entry) => typeof entry === "string")) return value.join(", ");
  return JSON.stringify(value);
}

/** `time_zone: UTC → Europe/Berlin; name: a → b`, for the CSV. */
export function changesWords(changes: Record<string, { old: unknown; new: unknown }>): string {
  return Object.entries(changes)
    .map(([field, change]) => `${field}: ${valueWords(change.old)} → ${valueWords(change.new)}`)
    .join("; ");
}
