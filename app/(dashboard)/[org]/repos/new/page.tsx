import type { Metadata } from "next";
import { NewRepositoryForm } from "@/components/repositories/new-repository-form";
import { NoPermission } from "@/components/ui/no-permission";
import { PageHeader } from "@/components/ui/page-header";
import { repositoriesPath } from "@/lib/contract/paths";
import { may } from "@/lib/domain/access/permissions";
import { currentMember } from "@/lib/platform/session/current-member";
import { addRepository } from "./actions";

export const metadata: Metadata = { title: "New repository" };

export default async function NewRepositoryPage({ params }: PageProps<"/[org]/repos/new">) {
  const { org } = await params;
  if (!may(await currentMember(org), "repository:write")) {
    return (
      <NoPermission back={repositoriesPath(org)}>Only owners and admins of {org} can add repositories.</NoPermission>
    );
  }
  return (
    <div className="max-w-xl">
      <PageHeader title="New repository">Say where it is hosted. You store the credential on the next page.</PageHeader>
      <NewRepositoryForm action={addRepository.bind(null, org)} />
    </div>
  );
}
