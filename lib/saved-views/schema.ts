import { z } from "zod";
import { Name } from "../orgs/schema.ts";

/** Pages whose address says all they show. */
const VIEW_PAGES = ["overview", "explore", "requests", "teams", "projects", "people", "models", "providers", "what-if"] as const;

/** A view as its form sends it: `query` is the page's query string without "?". */
export const SavedViewForm = z.object({
  organization_id: z.uuid(),
  name: Name,
  page: z.enum(VIEW_PAGES),
  query: z.string().max(4000, "This view has too many filters to keep."),
  is_shared: z.literal("on").optional(),
});
