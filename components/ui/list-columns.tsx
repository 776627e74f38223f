import type { Column } from "./data-list.tsx";
import { RelativeTime } from "./relative-time.tsx";

/** The column of the word by which applications name a thing. */
export const slugColumn: Column<{ slug: string }> = {
  id: "slug",
  header: "Slug",
  text: ({ slug }) => slug,
  cell: ({ slug }) => <code className="text-xs">{slug}</code>,
};

/** The column that says how long ago a thing was made. */
export function createdColumn(timeZone: string): Column<{ created_at: string }> {
  return {
    id: "created",
    header: "Created",
    text: ({ created_at }) => created_at,
    cell: ({ created_at }) => <RelativeTime at={created_at} timeZone={timeZone} />,
  };
}
