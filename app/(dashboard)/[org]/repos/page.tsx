import type { Metadata } from "next";
import { Plus } from "lucide-react";
import { ExportRepositories } from "@/components/repositories/export-repositories";
import { NoRepositories } from "@/components/repositories/no-repositories";
import { RepositoryFilters } from "@/components/repositories/repository-filters";
import { RepositoryTable } from "@/components/repositories/repository-table";
import { LinkButton } from "@/components/ui/link-button";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { Pager } from "@/components/ui/pager";
import { newImportPath, newRepositoryPath, repositoriesPath } from "@/lib/contract/paths";
import { repositoriesPageHref, repositoriesPageQuery } from "@/lib/contract/repositories-page";
import { may } from "@/lib/domain/access/permissions";
import { listRepositoryViews } from "@/lib/domain/repositories/list-repositories";
import { providerFromWire } from "@/lib/domain/repositories/provider-names";
import { toRepositoryRow } from "@/lib/platform/session/repository-row";
import { memberContext } from "@/lib/platform/session/current-member";

export const metadata: Metadata = { title: "Repositories" };

const PAGE_SIZE = 50;

export default async function RepositoriesPage({ params, searchParams }: PageProps<"/[org]/repos">) {
  const { org } = await params;
  const { done, ...search } = await searchParams;
  const query = repositoriesPageQuery.parse(search);
  const ctx = await memberContext(org);
  const { rows, total } = await listRepositoryViews(ctx, {
    ...query,
    provider: query.provider && providerFromWire(query.provider),
    pageSize: PAGE_SIZE,
  });
  const base = repositoriesPath(org);
  const write = may(ctx.actor, "repository:write");
  return (
    <>
      <PageHeader
        title="Repositories"
        actions={
          <>
            {rows.length > 0 && <ExportRepositories organization={org} />}
            {write && <LinkButton href={newImportPath(org)}>Import</LinkButton>}
            {write && (
              <LinkButton variant="primary" href={newRepositoryPath(org)}>
                <Plus aria-hidden className="size-4" />
                New repository
              </LinkButton>
            )}
          </>
        }
      >
        Each mirrored repository has at most one stored credential for its upstream host.
      </PageHeader>
      {done === "deleted" && (
        <Notice tone="ok" status className="mb-5">
          The repository was deleted, and its credential with it.
        </Notice>
      )}
      <RepositoryFilters base={base} query={query} />
      {rows.length > 0 ? (
        <RepositoryTable organization={org} rows={rows.map(toRepositoryRow)} query={query} />
      ) : (
        <NoRepositories organization={org} query={query} write={write} />
      )}
      <Pager
        page={query.page}
        pageSize={PAGE_SIZE}
        total={total}
        href={(page) => repositoriesPageHref(base, { ...query, page })}
      />
    </>
  );
}
