/** A row of what_if() and of previews: the whole (dimension "none"), or one team, feature or model. Money is decimal text. */
export type Repriced = {
  dimension: "none" | "team" | "feature" | "model";
  key: string;
  label: string;
  requests: number;
  compared_requests: number;
  changed_requests: number;
  estimated_requests: number;
  unpriced_requests: number;
  cost: string;
  cost_then: string;
  difference: string;
};
