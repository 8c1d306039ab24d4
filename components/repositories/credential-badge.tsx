import { CircleMinus, KeyRound, TriangleAlert } from "lucide-react";
import { Badge } from "@/components/ui/badge";
import type { RepositoryRow } from "@/lib/contract/repository-row";

/** Whether a repository has what it needs, as an icon, a word and a colour. */
export function CredentialBadge({ repository }: { repository: RepositoryRow }) {
  if (repository.credential) {
    return (
      <Badge tone="neutral" icon={KeyRound}>
        Stored, not tested
      </Badge>
    );
  }
  if (!repository.upstream || repository.upstream.provider === "github") {
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
