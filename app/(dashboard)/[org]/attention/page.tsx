import type { Metadata } from "next";
import { AttentionFilter } from "@/components/repositories/attention-filter";
import { RepositoryTable } from "@/components/repositories/repository-table";
import { EmptyState } from "@/components/ui/empty-state";
import { LinkButton } from "@/components/ui/link-button";
import { PageHeader } from "@/components/ui/page-header";
import { Pager } from "@/components/ui/pager";
import { attentionPageHref, attentionPageQuery } from "@/lib/contract/attention";
import { attentionPath, repositoriesPath } from "@/lib/contract/paths";
import { countAttention, listAttention } from "@/lib/domain/repositories/list-attention";
import { memberContext } from "@/lib/platform/session/current-member";
import { toRepositoryRow } from "@/lib/platform/session/repository-row";

export const metadata: Metadata = { title: "Needs attention" };

const PAGE_SIZE = 50;

export default async function AttentionPage({ params, searchParams }: PageProps<"/[org]/attention">) {
  const { org } = await params;
  const { reason, page } = attentionPageQuery.parse(await searchParams);
  const ctx = await memberContext(org);
  const [counts, rows] = await Promise.all([
    countAttention(ctx),
    listAttention(ctx, { reason, page, pageSize: PAGE_SIZE }),
  ]);
  const base = attentionPath(org);
  return (
    <>
      <PageHeader title="Needs attention">
        Repositories whose credential is refused, about to end, not proved, or not there.
      </PageHeader>
      <AttentionFilter base={base} counts={counts} reason={reason} />
      {rows.length > 0 ? (
        <RepositoryTable organization={org} rows={rows.map(toRepositoryRow)} />
      ) : (
        <EmptyState
          title="Nothing needs you here"
          action={<LinkButton href={repositoriesPath(org)}>Show all repositories</LinkButton>}
        >
          A credential shows up here when its host refuses it, when its token is about to end, or before its first test.
        </EmptyState>
      )}
      <Pager
        page={page}
        pageSize={PAGE_SIZE}
        total={counts[reason ?? "any"]}
        href={(next) => attentionPageHref(base, { reason, page: next })}
      />
    </>
  );
}
