import { redirect } from "next/navigation";
import { requireUser } from "@/lib/orgs/current.ts";

/** "My place": the first organization of one's own, the demo, or making one. */
export default async function HomePage() {
  const { organizations } = await requireUser();
  const home = organizations.find((entry) => !entry.is_demo) ?? organizations[0];
  redirect(home ? `/${home.slug}/overview` : "/new");
}
