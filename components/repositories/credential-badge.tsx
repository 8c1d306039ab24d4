import { CircleAlert, CircleCheck, CircleHelp, CircleMinus, KeyRound, TriangleAlert } from "lucide-react";
import { Badge } from "@/components/ui/badge";
import type { RepositoryRow } from "@/lib/contract/repository-row";
import { OUTCOME_BADGES } from "@/lib/contract/test-outcome";

const ICONS = { ok: CircleCheck, warn: TriangleAlert, danger: CircleAlert, neutral: CircleHelp } as const;

/** Whether a repository has what it needs, as an icon, a word and a colour. */
export function CredentialBadge({ repository }: { repository: RepositoryRow }) {
  const { upstream, credential, expectsWrite } = repository;
  if (credential?.unreadableAt) {
    return (
      <Badge tone="danger" icon={CircleAlert}>
        Unreadable
      </Badge>
    );
  }
  if (credential?.test) {
    const { outcome } = credential.test;
    const { words } = OUTCOME_BADGES[outcome];
    const tone = outcome === "reads_only" && expectsWrite ? "warn" : OUTCOME_BADGES[outcome].tone;
    return (
      <Badge tone={tone} icon={ICONS[tone]}>
        {words}
      </Badge>
    );
  }
  if (credential) {
    return (
      <Badge tone="neutral" icon={KeyRound}>
        Stored, not tested
      </Badge>
    );
  }
  if (!upstream || upstream.provider === "github") {
    return (
      <Badge tone="neutral" icon={CircleMinus}>
        None needed
      </Badge>
    );
  }
  return (
    <Badge tone="warn" icon={TriangleAlert}>
      No credential
    </Badge>
  );
}
