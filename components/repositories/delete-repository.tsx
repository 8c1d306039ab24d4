import { Trash2 } from "lucide-react";
import { ConfirmByName } from "@/components/ui/confirm-by-name";
import { LinkButton } from "@/components/ui/link-button";
import { Panel } from "@/components/ui/panel";
import type { FormAction } from "@/components/ui/action-form";
import { repositorySettingsPath } from "@/lib/contract/paths";
import type { RepositoryRow } from "@/lib/contract/repository-row";

interface DeleteRepositoryProps {
  organization: string;
  repository: RepositoryRow;
  /** Whether the question is open. */
  asked: boolean;
  action: FormAction<void>;
}

/** Deleting: first asked for, then confirmed by name. */
export function DeleteRepository({ organization, repository, asked, action }: DeleteRepositoryProps) {
  const page = repositorySettingsPath(organization, repository.name);
  return (
    <Panel title="Delete">
      <p className="max-w-prose text-sm text-muted">
        Deleting erases the repository here and its credential at once, and frees its name. Nothing changes on the
        upstream host. There is no way back.
      </p>
      {asked ? (
        <ConfirmByName
          action={action}
          cancel={page}
          name={repository.name}
          what="the repository's name"
          hidden={{ repository: repository.id }}
          label={`Delete ${repository.name}`}
          verb="Delete repository"
          busy="Deleting…"
        />
      ) : (
        <LinkButton href={`${page}?act=delete`} scroll={false} className="mt-4">
          <Trash2 aria-hidden className="size-4" />
          Delete repository…
        </LinkButton>
      )}
    </Panel>
  );
}
