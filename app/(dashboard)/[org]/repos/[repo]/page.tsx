import type { Metadata } from "next";
import { AuditTimeline } from "@/components/audit/audit-timeline";
import { CredentialSentence } from "@/components/credentials/credential-sentence";
import { Copyable } from "@/components/ui/copyable";
import { Facts } from "@/components/ui/facts";
import { LinkButton } from "@/components/ui/link-button";
import { RepositoryHeader } from "@/components/repositories/repository-header";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { credentialPath, decodeSegment, pullProgressPath } from "@/lib/contract/paths";
import { HeadList } from "@/components/sync/head-list";
import { SyncPanel } from "@/components/sync/sync-panel";
import { repositoryPageQuery } from "@/lib/contract/sync-runs";
import { may } from "@/lib/domain/access/permissions";
import { readSync } from "@/lib/domain/sync/read-sync";
import { listRepositoryHistory } from "@/lib/domain/audit/list-repository-history";
import { memberContext } from "@/lib/platform/session/current-member";
import { readRepositoryRow } from "@/lib/platform/session/repository-row";

import { pullNow } from "./actions";

export async function generateMetadata({ params }: PageProps<"/[org]/repos/[repo]">): Promise<Metadata> {
  return { title: decodeSegment((await params).repo) };
}

/** A pull that was asked for begins sooner than this, or its beginning is not waited for any more. */
const WAIT_MS = 60_000;

export default async function RepositoryPage({ params, searchParams }: PageProps<"/[org]/repos/[repo]">) {
  const { org, repo } = await params;
  const { asked } = repositoryPageQuery.parse(await searchParams);
  const repository = await readRepositoryRow(org, repo);
  const ctx = await memberContext(org);
  const [events, sync] = await Promise.all([
    listRepositoryHistory(ctx, { repositoryId: repository.id, limit: 10 }),
    readSync(ctx, { repositoryId: repository.id, defaultBranch: repository.defaultBranch }),
  ]);
  const newest = sync.runs[0]?.startedAt.getTime() ?? 0;
  const waiting = sync.due || (asked !== undefined && newest < asked && ctx.clock().getTime() - asked < WAIT_MS);
  return (
    <>
      <RepositoryHeader organization={org} repository={repository} />
      <div className="grid grid-cols-1 gap-5 lg:grid-cols-2">
        <SyncPanel
          repository={repository}
          runs={sync.runs}
          pausedAt={sync.pausedAt}
          nextPullAt={sync.nextPullAt}
          waiting={waiting}
          progress={pullProgressPath(org, repository.name, sync.due ? newest + 1 : asked)}
          pull={may(ctx.actor, "repository:pull") ? pullNow.bind(null, org) : null}
        />
        <HeadList heads={sync.heads} count={sync.headCount} />
        <Panel title="About">
          <Facts
            facts={[
              ["Id", <Copyable key="id" text={repository.id} what="the repository's id" />],
              [
                "Upstream",
                repository.upstream ? (
                  <Copyable key="upstream" text={repository.upstream.url} what="the upstream's clone address" />
                ) : (
                  "None"
                ),
              ],
              [
                "Default branch",
                <code key="branch" className="font-mono text-[0.8125rem]">
                  {repository.defaultBranch}
                </code>,
              ],
              ["Created", <RelativeTime key="created" date={repository.createdAt} />],
            ]}
          />
        </Panel>
        <Panel title="Credential">
          <CredentialSentence repository={repository} />
          <LinkButton href={credentialPath(org, repository.name)} className="mt-4">
            Go to the credential
          </LinkButton>
        </Panel>
        <Panel title="Recent changes" className="lg:col-span-2">
          <AuditTimeline events={events} />
        </Panel>
      </div>
    </>
  );
}
