import type { Metadata } from "next";
import { LeaveOrganization } from "@/components/members/leave-organization.tsx";
import { DeleteOrganization } from "@/components/orgs/delete-organization.tsx";
import { OrganizationForm } from "@/components/orgs/organization-form.tsx";
import { PageHeader, Section } from "@/components/ui/section.tsx";

export const metadata: Metadata = { title: "Organization" };

export default function OrganizationSettingsPage() {
  return (
    <>
      <PageHeader title="Organization" description="What it is called and where its days begin." />
      <Section>
        <OrganizationForm />
      </Section>
      <Section title="Danger zone">
        <ul className="grid divide-y divide-border rounded-md border border-critical/30">
          <LeaveOrganization />
          <DeleteOrganization />
        </ul>
      </Section>
    </>
  );
}
