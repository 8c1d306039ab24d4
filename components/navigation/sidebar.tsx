import { Menu, X } from "lucide-react";
import Link from "next/link";
import { Logo } from "@/components/ui/logo";
import type { Theme } from "@/lib/contract/theme";
import { countWords } from "@/lib/contract/attention";
import { repositoriesPath } from "@/lib/contract/paths";
import { NavigationLink } from "./navigation-link";
import { OrganizationSwitcher } from "./organization-switcher";
import { places } from "./places";
import { SearchHint } from "./search-hint";
import { UserMenu } from "./user-menu";

interface SidebarProps {
  organization: string;
  organizations: readonly string[];
  email: string;
  /** Whether the member sees what viewers do not. */
  admin: boolean;
  /** How many repositories need attention. */
  attention: number;
  theme: Theme;
  setTheme: (form: FormData) => Promise<void>;
  signOut: () => Promise<void>;
}

/** The way around: a column where there is room, a drawer (the browser's own popover) where there is none. */
export function Sidebar(props: SidebarProps) {
  const { organization, organizations, email, admin, attention, theme, setTheme, signOut } = props;
  return (
    <>
      <header className="flex items-center justify-between border-b border-border bg-raised px-4 py-2.5 md:hidden">
        <Link href={repositoriesPath(organization)} className="flex items-center gap-2 font-semibold tracking-tight">
          <Logo className="size-5" />
          Latchkey
        </Link>
        <button
          type="button"
          popoverTarget="sidebar"
          className="inline-flex size-9 items-center justify-center rounded-md hover:bg-sunken"
        >
          <Menu aria-hidden className="size-5" />
          <span className="sr-only">Open the menu</span>
        </button>
      </header>
      <aside id="sidebar" popover="auto" className="sidebar border-border bg-raised text-text">
        <div className="flex h-full flex-col gap-4 p-3">
          <div className="flex items-center justify-between gap-2">
            <OrganizationSwitcher current={organization} organizations={organizations} />
            <button
              type="button"
              popoverTarget="sidebar"
              popoverTargetAction="hide"
              className="inline-flex size-9 items-center justify-center rounded-md hover:bg-sunken md:hidden"
            >
              <X aria-hidden className="size-5" />
              <span className="sr-only">Close the menu</span>
            </button>
          </div>
          <SearchHint />
          <nav aria-label="Places" className="flex flex-col gap-0.5">
            {places(organization, { admin, attention }).map(({ label, href, icon: Icon, count }) => (
              <NavigationLink key={href} href={href}>
                <Icon aria-hidden className="size-4 shrink-0" />
                {label}
                {count ? (
                  <span className="ml-auto rounded-full bg-warn-soft px-1.5 text-xs font-medium text-warn tabular-nums">
                    {countWords(count)}
                  </span>
                ) : null}
              </NavigationLink>
            ))}
          </nav>
          <div className="mt-auto">
            <UserMenu email={email} theme={theme} setTheme={setTheme} signOut={signOut} />
          </div>
        </div>
      </aside>
    </>
  );
}
