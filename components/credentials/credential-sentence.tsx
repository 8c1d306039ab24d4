import { RelativeTime } from "@/components/ui/relative-time";
import type { RepositoryRow } from "@/lib/contract/repository-row";

/** How things stand with a repository's credential, as one sentence. */
export function CredentialSentence({ repository: { upstream, credential } }: { repository: RepositoryRow }) {
  if (credential) {
    return (
      <p className="text-sm">
        Stored {credential.rotatedAt && "anew "}
        <RelativeTime date={credential.rotatedAt ?? credential.createdAt} /> for{" "}
        <span className="font-mono text-[0.8125rem]">{upstream?.host}</span>. It has not been tested there.
      </p>
    );
  }
  if (!upstream) {
    return <p className="text-sm">This repository has no upstream, so there is nothing to use a credential with.</p>;
  }
  if (upstream.provider === "github") {
    return <p className="text-sm">Public repositories of GitHub are read without a credential, so none is stored.</p>;
  }
  return (
    <p className="text-sm">
      No credential is stored. Private repositories on{" "}
      <span className="font-mono text-[0.8125rem]">{upstream.host}</span> cannot be reached without one.
    </p>
  );
}
