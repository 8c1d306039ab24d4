import { BookOpen, FolderGit2, KeyRound, ScrollText, Users, type LucideIcon } from "lucide-react";
import { auditPath, membersPath, repositoriesPath, signingKeysPath } from "@/lib/contract/paths";

export interface Place {
  label: string;
  href: string;
  icon: LucideIcon;
}

/** The organization's places, in the order of the sidebar. */
export function places(organization: string, { audit }: { audit: boolean }): Place[] {
  return [
    { label: "Repositories", href: repositoriesPath(organization), icon: FolderGit2 },
    { label: "Signing keys", href: signingKeysPath(organization), icon: KeyRound },
    { label: "Members", href: membersPath(organization), icon: Users },
    ...(audit ? [{ label: "Audit log", href: auditPath(organization), icon: ScrollText }] : []),
    { label: "API reference", href: "/docs/api", icon: BookOpen },
  ];
}
