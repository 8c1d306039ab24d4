import { ExternalLink } from "lucide-react";
import Link from "next/link";
import { PageHeader } from "@/components/ui/page-header";
import { credentialPath, repositoriesPath, repositoryPath, repositorySettingsPath } from "@/lib/contract/paths";
import type { RepositoryRow } from "@/lib/contract/repository-row";
import { CredentialBadge } from "./credential-badge";
import { RepositoryTab } from "./repository-tab";
import { UpstreamLabel } from "./upstream-label";

/** A repository's name, upstream and state, above its tabs. */
export function RepositoryHeader({ organization, repository }: { organization: string; repository: RepositoryRow }) {
  const { name, upstream } = repository;
  return (
    <>
      <nav aria-label="Breadcrumb" className="mb-2 text-sm text-muted">
        <Link href={repositoriesPath(organization)} className="underline-offset-4 hover:text-text hover:underline">
          Repositories
        </Link>
      </nav>
      <PageHeader title={name}>
        <span className="flex flex-wrap items-center gap-x-3 gap-y-2">
          {upstream ? (
            <a
              href={upstream.url.replace(/\.git$/, "")}
              rel="noreferrer"
              className="inline-flex min-w-0 items-center gap-1.5 hover:text-text"
            >
              <UpstreamLabel upstream={upstream} />
              <ExternalLink aria-hidden className="size-3.5 shrink-0" />
            </a>
          ) : (
            "No upstream"
          )}
          <CredentialBadge repository={repository} />
        </span>
      </PageHeader>
      <nav aria-label="Repository" className="mb-6 flex gap-5 overflow-x-auto border-b border-border">
        <RepositoryTab href={repositoryPath(organization, name)}>Overview</RepositoryTab>
        <RepositoryTab href={credentialPath(organization, name)}>Credential</RepositoryTab>
        <RepositoryTab href={repositorySettingsPath(organization, name)}>Settings</RepositoryTab>
      </nav>
    </>
  );
}
