import type { Metadata } from "next";
import { AuditTimeline } from "@/components/audit/audit-timeline";
import { ApiPanel } from "@/components/credentials/api-panel";
import { CredentialNotice } from "@/components/credentials/credential-notice";
import { MissingCredential } from "@/components/credentials/missing-credential";
import { StoredCredential } from "@/components/credentials/stored-credential";
import { RepositoryHeader } from "@/components/repositories/repository-header";
import { Panel } from "@/components/ui/panel";
import { credentialPageQuery } from "@/lib/contract/credential-page";
import { decodeSegment } from "@/lib/contract/paths";
import { may } from "@/lib/domain/access/permissions";
import { listRepositoryHistory } from "@/lib/domain/audit/list-repository-history";
import { readRenewal } from "@/lib/domain/renewals/read-renewal";
import { countSharing } from "@/lib/domain/rotations/read-rotation";
import { env } from "@/lib/platform/env";
import { memberContext } from "@/lib/platform/session/current-member";
import { readRepositoryRow } from "@/lib/platform/session/repository-row";
import {
  addCredential,
  chooseThisRenewal,
  discardThisRotation,
  eraseThePrevious,
  finishThisRotation,
  removeThisCredential,
  rollThisBack,
  rotateForAll,
  rotateThisCredential,
  testThisCredential,
} from "./actions";

type Props = PageProps<"/[org]/repos/[repo]/settings/credential">;

export async function generateMetadata({ params }: Props): Promise<Metadata> {
  return { title: `Credential of ${decodeSegment((await params).repo)}` };
}

export default async function CredentialPage({ params, searchParams }: Props) {
  const { org, repo } = await params;
  const { act, done } = credentialPageQuery.parse(await searchParams);
  const repository = await readRepositoryRow(org, repo);
  const ctx = await memberContext(org);
  const events = await listRepositoryHistory(ctx, { repositoryId: repository.id, limit: 20 });
  const write = may(ctx.actor, "credential:write");
  return (
    <>
      <RepositoryHeader organization={org} repository={repository} />
      <div className="space-y-5">
        <CredentialNotice done={done} />
        {repository.credential ? (
          <StoredCredential
            organization={org}
            repository={repository}
            credential={repository.credential}
            act={write ? act : undefined}
            renewal={await readRenewal(ctx, repository.credential.id)}
            sharing={await countSharing(ctx, repository.credential.id)}
            write={write}
            acts={{
              test: testThisCredential.bind(null, org),
              rotate: rotateThisCredential.bind(null, org),
              remove: removeThisCredential.bind(null, org),
              finish: finishThisRotation.bind(null, org),
              discard: discardThisRotation.bind(null, org),
              rollBack: rollThisBack.bind(null, org),
              rotateAll: rotateForAll.bind(null, org),
              chooseRenewal: chooseThisRenewal.bind(null, org),
              erase: eraseThePrevious.bind(null, org),
            }}
          />
        ) : (
          <MissingCredential
            organization={org}
            repository={repository}
            write={write}
            add={addCredential.bind(null, org)}
          />
        )}
        <Panel title="History">
          <AuditTimeline events={events} />
        </Panel>
        {repository.upstream && repository.upstream.provider !== "github" && (
          <ApiPanel organization={org} repository={repository} baseUrl={env().LATCHKEY_URL} />
        )}
      </div>
    </>
  );
}
