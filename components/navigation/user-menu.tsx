import { CircleUser, LogOut, Settings } from "lucide-react";
import Link from "next/link";
import type { Theme } from "@/lib/contract/theme";
import { ThemeSwitch } from "./theme-switch";

interface UserMenuProps {
  email: string;
  theme: Theme;
  setTheme: (form: FormData) => Promise<void>;
  signOut: () => Promise<void>;
}

/** Who is signed in, and what is theirs. */
export function UserMenu({ email, theme, setTheme, signOut }: UserMenuProps) {
  const item = "flex min-h-9 w-full items-center gap-2.5 rounded px-2 text-left text-sm hover:bg-sunken";
  return (
    <details className="relative">
      <summary className="flex min-h-9 list-none items-center gap-2.5 rounded-md px-2.5 text-sm text-muted hover:bg-sunken hover:text-text">
        <CircleUser aria-hidden className="size-4 shrink-0" />
        <span className="truncate">{email}</span>
      </summary>
      <div className="absolute inset-x-0 bottom-full z-10 mb-1 rounded-md border border-border bg-raised p-1 shadow-lg">
        <ThemeSwitch theme={theme} setTheme={setTheme} />
        <Link href="/account" className={item}>
          <Settings aria-hidden className="size-4" />
          Account
        </Link>
        <form action={signOut}>
          <button type="submit" className={item}>
            <LogOut aria-hidden className="size-4" />
            Sign out
          </button>
        </form>
      </div>
    </details>
  );
}
