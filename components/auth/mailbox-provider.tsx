"use client";
import type { ReactNode } from "react";
import { MailboxContext } from "./check-inbox.tsx";

export function MailboxProvider({ url, children }: { url: string | null; children: ReactNode }) {
  return <MailboxContext value={url}>{children}</MailboxContext>;
}
