import type { Metadata } from "next";
import { EarlierImports } from "@/components/imports/earlier-imports";
import { ImportGuide } from "@/components/imports/import-guide";
import { ImportLinesForm } from "@/components/imports/import-lines-form";
import { NoPermission } from "@/components/ui/no-permission";
import { PageHeader } from "@/components/ui/page-header";
import { repositoriesPath } from "@/lib/contract/paths";
import { may } from "@/lib/domain/access/permissions";
import { listImports } from "@/lib/domain/imports/read-import";
import { memberContext } from "@/lib/platform/session/current-member";
import { previewImport } from "./actions";

export const metadata: Metadata = { title: "Import" };

const SHOWN = 10;

export default async function NewImportPage({ params }: PageProps<"/[org]/import">) {
  const { org } = await params;
  const ctx = await memberContext(org);
  if (!may(ctx.actor, "credential:write")) {
    return (
      <NoPermission back={repositoriesPath(org)}>Only owners and admins of {org} can import repositories.</NoPermission>
    );
  }
  return (
    <>
      <PageHeader title="Import">Many repositories and their credentials at once, one a line.</PageHeader>
      <div className="grid gap-6 lg:grid-cols-[minmax(0,1fr)_20rem]">
        <ImportLinesForm action={previewImport.bind(null, org)} />
        <ImportGuide />
      </div>
      <EarlierImports organization={org} imports={await listImports(ctx, { limit: SHOWN })} />
    </>
  );
}
