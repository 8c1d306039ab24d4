import type { Metadata } from "next";
import { notFound } from "next/navigation";
import { ImportPreview } from "@/components/imports/import-preview";
import { ImportProgress } from "@/components/imports/import-progress";
import { ImportTable } from "@/components/imports/import-table";
import { importState } from "@/components/imports/import-state";
import { NoPermission } from "@/components/ui/no-permission";
import { PageHeader } from "@/components/ui/page-header";
import { Pager } from "@/components/ui/pager";
import { importPageQuery } from "@/lib/contract/imports";
import { importPath, repositoriesPath } from "@/lib/contract/paths";
import { may } from "@/lib/domain/access/permissions";
import { DomainError } from "@/lib/domain/errors";
import { readImport } from "@/lib/domain/imports/read-import";
import { memberContext } from "@/lib/platform/session/current-member";
import { cancelThisImport, startThisImport } from "./actions";

export const metadata: Metadata = { title: "Import" };

const PAGE_SIZE = 50;

export default async function ImportPage({ params, searchParams }: PageProps<"/[org]/import/[import]">) {
  const { org, import: id } = await params;
  const { page } = importPageQuery.parse(await searchParams);
  const ctx = await memberContext(org);
  if (!may(ctx.actor, "credential:write")) {
    return <NoPermission back={repositoriesPath(org)}>Only owners and admins of {org} see imports.</NoPermission>;
  }
  const imported = await readImport(ctx, { id, page, pageSize: PAGE_SIZE }).catch((error: unknown) => {
    if (error instanceof DomainError && error.code === "not_found") notFound();
    throw error;
  });
  const total = Object.values(imported.counts).reduce((sum, count) => sum + count, 0);
  const cancel = cancelThisImport.bind(null, org);
  return (
    <>
      <PageHeader title="Import">One repository a line. No page shows the secrets.</PageHeader>
      <div className="space-y-5">
        {importState(imported) === "waiting" ? (
          <ImportPreview
            organization={org}
            imported={imported}
            start={startThisImport.bind(null, org)}
            cancel={cancel}
          />
        ) : (
          <ImportProgress organization={org} imported={imported} cancel={cancel} />
        )}
        <ImportTable organization={org} items={imported.items} />
      </div>
      <Pager page={page} pageSize={PAGE_SIZE} total={total} href={(next) => `${importPath(org, id)}?page=${next}`} />
    </>
  );
}
