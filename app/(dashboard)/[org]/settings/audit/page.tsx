import type { Metadata } from "next";
import { AuditFilters } from "@/components/audit/audit-filters";
import { ChainState } from "@/components/audit/chain-state";
import { AuditTable } from "@/components/audit/audit-table";
import { EmptyState } from "@/components/ui/empty-state";
import { LinkButton } from "@/components/ui/link-button";
import { NoPermission } from "@/components/ui/no-permission";
import { PageHeader } from "@/components/ui/page-header";
import { auditPageHref, auditPageQuery } from "@/lib/contract/audit-page";
import { auditPath, repositoriesPath } from "@/lib/contract/paths";
import { may } from "@/lib/domain/access/permissions";
import { listAuditEvents } from "@/lib/domain/audit/list-audit-events";
import { readChainCheck } from "@/lib/domain/audit/read-chain-check";
import { memberContext } from "@/lib/platform/session/current-member";
import { checkNow } from "./actions";

export const metadata: Metadata = { title: "Audit log" };

const PAGE_SIZE = 50;

export default async function AuditPage({ params, searchParams }: PageProps<"/[org]/settings/audit">) {
  const { org } = await params;
  const ctx = await memberContext(org);
  if (!may(ctx.actor, "audit:read")) {
    return <NoPermission back={repositoriesPath(org)}>Only owners and admins see the audit log.</NoPermission>;
  }
  const query = auditPageQuery.parse(await searchParams);
  const [check, { events, more }] = await Promise.all([
    readChainCheck(ctx),
    listAuditEvents(ctx, {
      action: query.action || undefined,
      actor: query.actor || undefined,
      before: query.before,
      limit: PAGE_SIZE,
    }),
  ]);
  const base = auditPath(org);
  const last = events.at(-1);
  return (
    <>
      <PageHeader title="Audit log">
        Every change, who made it, when and from where. Each event carries the hash of the one before, so a missing or
        edited one shows.
      </PageHeader>
      <ChainState check={check} action={checkNow.bind(null, org)} />
      <AuditFilters base={base} query={query} />
      {events.length > 0 ? (
        <AuditTable events={events} />
      ) : (
        <EmptyState title="No event matches" action={<LinkButton href={base}>Show all</LinkButton>}>
          Choose another action, or write the name of whoever did it exactly as it stands in the log.
        </EmptyState>
      )}
      <nav aria-label="Pages" className="mt-4 flex justify-end gap-2 empty:hidden">
        {query.before !== undefined && (
          <LinkButton href={auditPageHref(base, { ...query, before: undefined })}>Newest</LinkButton>
        )}
        {more && last && <LinkButton href={auditPageHref(base, { ...query, before: last.seq })}>Older</LinkButton>}
      </nav>
    </>
  );
}
