import type { ReactNode } from "react";
import { SettingsNavigation } from "@/components/shell/settings-navigation.tsx";

export default function SettingsLayout({ children }: { children: ReactNode }) {
  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-x-10 gap-y-4 lg:grid-cols-[10rem_minmax(0,1fr)]">
      <SettingsNavigation />
      <div className="min-w-0 max-w-5xl">{children}</div>
    </div>
  );
}
