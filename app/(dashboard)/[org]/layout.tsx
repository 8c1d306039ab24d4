import type { ReactNode } from "react";
import { CommandMenu } from "@/components/navigation/command-menu";
import { Sidebar } from "@/components/navigation/sidebar";
import { countAnyAttention } from "@/lib/domain/repositories/list-attention";
import { may } from "@/lib/domain/access/permissions";
import { currentMember, memberContext, userOrganizations } from "@/lib/platform/session/current-member";
import { currentTheme } from "@/lib/platform/session/current-theme";
import { setTheme, signOut } from "../actions";
import { findRepositories } from "./actions";

export default async function OrganizationLayout({
  children,
  params,
}: LayoutProps<"/[org]"> & { children: ReactNode }) {
  const { org } = await params;
  const member = await currentMember(org);
  const organizations = await userOrganizations();
  const admin = may(member, "audit:read");
  return (
    <div className="md:grid md:min-h-dvh md:grid-cols-[15rem_minmax(0,1fr)]">
      <a
        href="#content"
        className="sr-only focus:not-sr-only focus:absolute focus:z-50 focus:m-2 focus:rounded-md focus:bg-raised focus:p-2"
      >
        Skip to the page
      </a>
      <Sidebar
        organization={org}
        organizations={organizations.map(({ slug }) => slug)}
        email={member.email}
        admin={admin}
        attention={await countAnyAttention(await memberContext(org))}
        theme={await currentTheme()}
        setTheme={setTheme}
        signOut={signOut}
      />
      <main
        id="content"
        tabIndex={-1}
        className="mx-auto w-full max-w-5xl px-4 py-6 outline-none sm:px-6 md:px-8 md:py-8"
      >
        {children}
      </main>
      <CommandMenu organization={org} admin={admin} search={findRepositories.bind(null, org)} />
    </div>
  );
}
