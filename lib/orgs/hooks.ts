"use client";
import { createContext, useContext } from "react";
import type { MyOrganization } from "./queries.ts";

export type OrganizationOnScreen = {
  organization: MyOrganization;
  organizations: MyOrganization[];
  permissions: readonly string[];
  user: { id: string; email: string; name: string };
};

export const OrganizationContext = createContext<OrganizationOnScreen | null>(null);

/** The organization on screen and who looks at it, in client components below `app/[org]`. */
export function useOrganization(): OrganizationOnScreen {
  const current = useContext(OrganizationContext);
  if (!current) throw new Error("useOrganization works below app/[org] only.");
  return current;
}

/** Whether the person's role here allows something. Shows or hides; the database decides. */
export function usePermission(permission: string): boolean {
  return useOrganization().permissions.includes(permission);
}
