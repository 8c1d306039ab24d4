import type { Metadata } from "next";
import { DeleteRepository } from "@/components/repositories/delete-repository";
import { Facts } from "@/components/ui/facts";
import { RepositoryHeader } from "@/components/repositories/repository-header";
import { Panel } from "@/components/ui/panel";
import { PROVIDER_FACTS } from "@/lib/contract/provider-facts";
import { decodeSegment } from "@/lib/contract/paths";
import { may } from "@/lib/domain/access/permissions";
import { currentMember } from "@/lib/platform/session/current-member";
import { readRepositoryRow } from "@/lib/platform/session/repository-row";
import { ScheduleForm } from "@/components/sync/schedule-form";
import { ExpectWritesForm } from "@/components/repositories/expect-writes-form";
import { chooseThisSchedule, deleteThisRepository, expectTheseWrites } from "./actions";

export async function generateMetadata({ params }: PageProps<"/[org]/repos/[repo]/settings">): Promise<Metadata> {
  return { title: `Settings of ${decodeSegment((await params).repo)}` };
}

export default async function RepositorySettingsPage({
  params,
  searchParams,
}: PageProps<"/[org]/repos/[repo]/settings">) {
  const { org, repo } = await params;
  const repository = await readRepositoryRow(org, repo);
  const write = may(await currentMember(org), "repository:write");
  const { upstream } = repository;
  return (
    <>
      <RepositoryHeader organization={org} repository={repository} />
      <div className="space-y-5">
        <Panel title="Upstream">
          <Facts
            facts={[
              ["Provider", upstream ? PROVIDER_FACTS[upstream.provider].label : "None"],
              ["Host", upstream?.host ?? "–"],
              ["Owner", upstream?.owner ?? "–"],
              ["Name", upstream?.name ?? "–"],
              ["Default branch", repository.defaultBranch],
            ]}
          />
          <p className="mt-4 text-sm text-muted">
            A credential is sealed to its upstream. For another upstream, create another repository.
          </p>
        </Panel>
        {write && upstream && (
          <Panel title="Schedule">
            <ScheduleForm
              action={chooseThisSchedule.bind(null, org)}
              repository={repository.id}
              everyMinutes={repository.pullEveryMinutes}
            />
          </Panel>
        )}
        {write && upstream && (
          <Panel title="Writing">
            <ExpectWritesForm
              action={expectTheseWrites.bind(null, org)}
              repository={repository.id}
              expectsWrite={repository.expectsWrite}
            />
          </Panel>
        )}
        {write ? (
          <DeleteRepository
            organization={org}
            repository={repository}
            asked={(await searchParams).act === "delete"}
            action={deleteThisRepository.bind(null, org)}
          />
        ) : (
          <p className="text-sm text-muted">Only owners and admins can change the schedule or delete the repository.</p>
        )}
      </div>
    </>
  );
}
