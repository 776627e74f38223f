import type { Metadata } from "next";
import { cookies } from "next/headers";
import type { ReactNode } from "react";
import { AppShell } from "@/components/shell/app-shell.tsx";
import { RAIL_COOKIE } from "@/components/shell/rail.ts";
import { findOrganization, requireOrganization } from "@/lib/orgs/current.ts";

type Props = { params: Promise<{ org: string }>; children: ReactNode };

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  // A page that is not found must still have a title, so nothing is thrown here.
  const current = await findOrganization((await params).org);
  if (!current) return { title: "Not found" };
  const { organization } = current;
  return { title: { default: organization.name, template: `%s · ${organization.name} · TokenTRA` } };
}

export default async function OrganizationLayout({ params, children }: Props) {
  const { organization, organizations, user } = await requireOrganization((await params).org);
  const railCollapsed = (await cookies()).get(RAIL_COOKIE)?.value === "collapsed";
  return (
    <AppShell
      key={organization.id}
      current={{ organization, organizations, user, permissions: organization.permissions }}
      railCollapsed={railCollapsed}
    >
      {children}
    </AppShell>
  );
}
