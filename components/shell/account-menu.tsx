"use client";
import { Keyboard, LogOut, Monitor, Moon, Sun } from "lucide-react";
import { useState } from "react";
import { signOut } from "@/components/auth/sign-out.ts";
import { Avatar } from "@/components/ui/avatar.tsx";
import {
  DropdownMenu,
  DropdownMenuContent,
  DropdownMenuItem,
  DropdownMenuLabel,
  DropdownMenuRadioGroup,
  DropdownMenuRadioItem,
  DropdownMenuSeparator,
  DropdownMenuTrigger,
} from "@/components/ui/dropdown-menu.tsx";
import { applyTheme, parseTheme, type Theme, themes } from "./theme.ts";

const labels: Record<Theme, string> = { system: "System", light: "Light", dark: "Dark" };
const icons = { system: Monitor, light: Sun, dark: Moon };

/** Who is signed in, light or dark, the shortcuts, and the way out. */
export function AccountMenu({ user, onShowShortcuts }: { user: { name: string; email: string }; onShowShortcuts?: () => void }) {
  const [theme, setTheme] = useState<Theme>("system");
  return (
    <DropdownMenu onOpenChange={(open) => open && setTheme(parseTheme(document.documentElement.dataset.theme))}>
      <DropdownMenuTrigger aria-label={`Account: ${user.name}`} className="grid size-8 place-items-center rounded-full hover:bg-hover">
        <Avatar name={user.name} />
      </DropdownMenuTrigger>
      <DropdownMenuContent align="end" className="w-60">
        <div className="px-2 py-1.5">
          <p className="truncate font-medium text-sm" dir="auto">
            {user.name}
          </p>
          {user.name === user.email ? null : <p className="truncate text-muted text-xs">{user.email}</p>}
        </div>
        <DropdownMenuSeparator />
        <DropdownMenuLabel>Theme</DropdownMenuLabel>
        <DropdownMenuRadioGroup
          value={theme}
          onValueChange={(value) => {
            const next = parseTheme(value);
            setTheme(next);
            applyTheme(next);
          }}
        >
          {themes.map((entry) => {
            const Icon = icons[entry];
            return (
              <DropdownMenuRadioItem key={entry} value={entry} onSelect={(event) => event.preventDefault()}>
                <Icon aria-hidden />
                {labels[entry]}
              </DropdownMenuRadioItem>
            );
          })}
        </DropdownMenuRadioGroup>
        <DropdownMenuSeparator />
        {onShowShortcuts ? (
          <DropdownMenuItem onSelect={onShowShortcuts}>
            <Keyboard aria-hidden />
            Keyboard shortcuts
          </DropdownMenuItem>
        ) : null}
        <DropdownMenuItem onSelect={() => void signOut()}>
          <LogOut aria-hidden />
          Sign out
        </DropdownMenuItem>
      </DropdownMenuContent>
    </DropdownMenu>
  );
}
