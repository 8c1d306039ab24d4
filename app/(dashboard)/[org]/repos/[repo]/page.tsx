import type { Metadata } from "next";
import { AuditTimeline } from "@/components/audit/audit-timeline";
import { CredentialSentence } from "@/components/credentials/credential-sentence";
import { Copyable } from "@/components/ui/copyable";
import { Facts } from "@/components/ui/facts";
import { LinkButton } from "@/components/ui/link-button";
import { RepositoryHeader } from "@/components/repositories/repository-header";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { credentialPath, decodeSegment } from "@/lib/contract/paths";
import { listRepositoryHistory } from "@/lib/domain/audit/list-repository-history";
import { memberContext } from "@/lib/platform/session/current-member";
import { readRepositoryRow } from "@/lib/platform/session/repository-row";

export async function generateMetadata({ params }: PageProps<"/[org]/repos/[repo]">): Promise<Metadata> {
  return { title: decodeSegment((await params).repo) };
}

export default async function RepositoryPage({ params }: PageProps<"/[org]/repos/[repo]">) {
  const { org, repo } = await params;
  const repository = await readRepositoryRow(org, repo);
  const events = await listRepositoryHistory(await memberContext(org), { repositoryId: repository.id, limit: 10 });
  return (
    <>
      <RepositoryHeader organization={org} repository={repository} />
      <div className="grid grid-cols-1 gap-5 lg:grid-cols-2">
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
