import { PROVIDER_FACTS } from "@/lib/contract/provider-facts";
import type { RepositoryRow } from "@/lib/contract/repository-row";
import { ProviderMark } from "./provider-mark";

/** Where a repository is pulled from: the provider's mark and host/owner/name. */
export function UpstreamLabel({ upstream }: { upstream: RepositoryRow["upstream"] }) {
  if (!upstream) return <span className="text-muted">None</span>;
  const { provider, host, owner, name } = upstream;
  return (
    <span className="flex max-w-full min-w-0 items-center gap-2">
      <ProviderMark provider={provider} />
      <span className="sr-only">{PROVIDER_FACTS[provider].label}: </span>
      <span className="min-w-0 truncate font-mono text-[0.8125rem]" title={`${host}/${owner}/${name}`}>
        {host}/{owner}/{name}
      </span>
    </span>
  );
}
