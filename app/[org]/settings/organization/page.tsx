import type { Metadata } from "next";
import { DangerZone } from "@/components/orgs/danger-zone.tsx";
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
      <DangerZone />
    </>
  );
}
