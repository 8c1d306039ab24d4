import { RelativeTime } from "@/components/ui/relative-time";
import { PROVIDER_FACTS } from "@/lib/contract/provider-facts";
import type { CredentialTest, RepositoryRow } from "@/lib/contract/repository-row";
import { UNREADABLE_SECRET } from "@/lib/contract/sync-runs";
import { outcomeSentence } from "@/lib/contract/test-outcome";

type Upstream = NonNullable<RepositoryRow["upstream"]>;

/** How things stand with a repository's credential, as a sentence or two. */
export function CredentialSentence({ repository }: { repository: RepositoryRow }) {
  const { upstream, credential, expectsWrite } = repository;
  if (!upstream) {
    return <p className="text-sm">This repository has no upstream, so there is nothing to use a credential with.</p>;
  }
  if (credential?.unreadableAt) {
    return (
      <p className="text-sm">
        {UNREADABLE_SECRET}{" "}
        <span className="text-muted">
          Noticed <RelativeTime date={credential.unreadableAt} />.
        </span>
      </p>
    );
  }
  if (credential?.test) {
    const tooLittle = expectsWrite && credential.test.outcome === "reads_only";
    return <TestSentence upstream={upstream} test={credential.test} tooLittle={tooLittle} />;
  }
  if (credential) {
    return (
      <p className="text-sm">
        Stored {credential.rotatedAt && "anew "}
        <RelativeTime date={credential.rotatedAt ?? credential.createdAt} /> for{" "}
        <span className="font-mono text-[0.8125rem]">{upstream.host}</span>. It has not been tested there.
      </p>
    );
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

interface TestSentenceProps {
  upstream: Upstream;
  test: CredentialTest;
  /** It only reads, and the upstream is also written to. */
  tooLittle: boolean;
}

function TestSentence({ upstream: { provider, host }, test, tooLittle }: TestSentenceProps) {
  const { outcome, reason, hostSays, at } = test;
  return (
    <div className="space-y-1 text-sm">
      <p>
        {tooLittle
          ? "Reads, but may not write, and this repository is also written to. Rotate it with one that may."
          : outcomeSentence(outcome, { reason, provider, host })}{" "}
        <span className="text-muted">
          Tested <RelativeTime date={at} />.
        </span>
      </p>
      {hostSays && !sameFamily(hostSays, provider) && (
        <p className="text-muted">
          This host says it is {PROVIDER_FACTS[hostSays].label}, not {PROVIDER_FACTS[provider].label}.
        </p>
      )}
    </div>
  );
}

const GITEA_FAMILY = new Set<Upstream["provider"]>(["gitea", "forgejo", "codeberg"]);

function sameFamily(one: Upstream["provider"], other: Upstream["provider"]): boolean {
  return one === other || (GITEA_FAMILY.has(one) && GITEA_FAMILY.has(other));
}
