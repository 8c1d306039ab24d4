import {
  BellRing,
  BookOpen,
  FolderGit2,
  KeyRound,
  Mail,
  ScrollText,
  Settings2,
  Users,
  Webhook,
  type LucideIcon,
} from "lucide-react";
import {
  attentionPath,
  auditPath,
  membersPath,
  noticesPath,
  organizationPath,
  repositoriesPath,
  signingKeysPath,
  webhooksPath,
} from "@/lib/contract/paths";

export interface Place {
  label: string;
  href: string;
  icon: LucideIcon;
  /** How much waits there. */
  count?: number;
}

/** The organization's places, in the order of the sidebar; `admin` adds those that viewers do not see. */
export function places(organization: string, { admin, attention }: { admin: boolean; attention?: number }): Place[] {
  return [
    { label: "Repositories", href: repositoriesPath(organization), icon: FolderGit2 },
    { label: "Needs attention", href: attentionPath(organization), icon: BellRing, count: attention },
    { label: "Signing keys", href: signingKeysPath(organization), icon: KeyRound },
    { label: "Members", href: membersPath(organization), icon: Users },
    { label: "Notices", href: noticesPath(organization), icon: Mail },
    ...(admin
      ? [
          { label: "Webhooks", href: webhooksPath(organization), icon: Webhook },
          { label: "Organization", href: organizationPath(organization), icon: Settings2 },
          { label: "Audit log", href: auditPath(organization), icon: ScrollText },
        ]
      : []),
    { label: "API reference", href: "/docs/api", icon: BookOpen },
  ];
}
