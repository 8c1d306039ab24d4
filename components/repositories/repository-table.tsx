import { ArrowDown, ArrowUp, CircleAlert, CircleCheck } from "lucide-react";
import Link from "next/link";
import { PendingMark } from "@/components/ui/pending-mark";
import { RelativeTime } from "@/components/ui/relative-time";
import { Cell, HeadCell, Table } from "@/components/ui/table";
import { repositoriesPath, repositoryPath } from "@/lib/contract/paths";
import { repositoriesPageHref, type RepositoriesPageQuery } from "@/lib/contract/repositories-page";
import type { RepositoryRow } from "@/lib/contract/repository-row";
import { CredentialBadge } from "./credential-badge";
import { UpstreamLabel } from "./upstream-label";

interface RepositoryTableProps {
  organization: string;
  rows: readonly RepositoryRow[];
  /** Where the table can be sorted: what the page shows now. */
  query?: RepositoriesPageQuery;
}

export function RepositoryTable({ organization, rows, query }: RepositoryTableProps) {
  const sortable = (by: SortableColumn, label: string) =>
    query ? (
      <SortableHead organization={organization} query={query} by={by} label={label} />
    ) : (
      <HeadCell>{label}</HeadCell>
    );
  return (
    <Table
      caption="Repositories"
      head={
        <>
          {sortable("name", "Name")}
          <HeadCell className="max-sm:hidden">Upstream</HeadCell>
          <HeadCell>Credential</HeadCell>
          <HeadCell>Last pull</HeadCell>
          {sortable("expires", "Expires")}
          {sortable("created", "Created")}
        </>
      }
    >
      {rows.map((repository) => (
        <tr key={repository.id} className="hover:bg-sunken">
          <Cell className="max-w-48 sm:max-w-64">
            <Link
              href={repositoryPath(organization, repository.name)}
              className="font-medium break-words underline-offset-4 hover:underline"
            >
              {repository.name}
              <PendingMark />
            </Link>
            {/* On a phone the upstream stands below the name, so that the credential's state stays in sight. */}
            <span className="mt-1 flex sm:hidden">
              <UpstreamLabel upstream={repository.upstream} />
            </span>
          </Cell>
          <Cell className="max-w-72 max-sm:hidden">
            <UpstreamLabel upstream={repository.upstream} />
          </Cell>
          <Cell>
            <CredentialBadge repository={repository} />
          </Cell>
          <Cell className="text-muted">
            <LastPull pull={repository.lastPull} />
          </Cell>
          <Cell className="text-muted">
            {repository.credential?.expiresAt ? <RelativeTime date={repository.credential.expiresAt} /> : "–"}
          </Cell>
          <Cell className="text-muted">
            <RelativeTime date={repository.createdAt} />
          </Cell>
        </tr>
      ))}
    </Table>
  );
}

function LastPull({ pull }: { pull: RepositoryRow["lastPull"] }) {
  if (!pull) return "–";
  const succeeded = pull.outcome === "succeeded";
  const Icon = succeeded ? CircleCheck : CircleAlert;
  return (
    <span className="inline-flex items-center gap-1.5 whitespace-nowrap">
      <Icon aria-hidden className={succeeded ? "size-3.5 text-ok" : "size-3.5 text-danger"} />
      <span className="sr-only">{succeeded ? "Succeeded" : "Failed"}</span>
      <RelativeTime date={pull.at} />
    </span>
  );
}

type SortableColumn = "name" | "created" | "expires";

interface SortableHeadProps {
  organization: string;
  query: RepositoriesPageQuery;
  by: SortableColumn;
  label: string;
}

function SortableHead({ organization, query, by, label }: SortableHeadProps) {
  const sorted = query.sort === by ? "ascending" : query.sort === `-${by}` ? "descending" : undefined;
  const Arrow = sorted === "descending" ? ArrowDown : ArrowUp;
  const sort = sorted === "ascending" ? (`-${by}` as const) : by;
  return (
    <HeadCell sorted={sorted}>
      <Link
        href={repositoriesPageHref(repositoriesPath(organization), { ...query, sort, page: 1 })}
        className="inline-flex items-center gap-1 hover:text-text"
      >
        {label}
        {sorted && <Arrow aria-hidden className="size-3.5" />}
      </Link>
    </HeadCell>
  );
}
