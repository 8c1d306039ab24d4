import { EmptyState } from "@/components/ui/empty-state";
import { LinkButton } from "@/components/ui/link-button";
import { newImportPath, newRepositoryPath, repositoriesPath } from "@/lib/contract/paths";
import type { RepositoriesPageQuery } from "@/lib/contract/repositories-page";

interface NoRepositoriesProps {
  organization: string;
  query: RepositoriesPageQuery;
  /** Whether the member may create one. */
  write: boolean;
}

/** In place of the table: nothing matches, or nothing is there yet. */
export function NoRepositories({ organization, query, write }: NoRepositoriesProps) {
  if (query.q || query.state !== "all" || query.provider || query.page > 1) {
    return (
      <EmptyState
        title="No repository matches"
        action={<LinkButton href={repositoriesPath(organization)}>Show all</LinkButton>}
      >
        Search by another part of the name, or take the filters away.
      </EmptyState>
    );
  }
  if (!write) {
    return (
      <EmptyState title="No repositories yet">An owner or an admin of {organization} can add the first one.</EmptyState>
    );
  }
  return (
    <EmptyState
      title="No repositories yet"
      action={
        <>
          <LinkButton variant="primary" href={newRepositoryPath(organization)}>
            New repository
          </LinkButton>
          <LinkButton href={newImportPath(organization)}>Import many</LinkButton>
        </>
      }
    >
      Paste the clone address of a repository on GitLab, Bitbucket, Gitea, Forgejo, Codeberg or SourceHut to begin, or
      import many at once.
    </EmptyState>
  );
}
