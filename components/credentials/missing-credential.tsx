import { EmptyState } from "@/components/ui/empty-state";
import type { FormAction } from "@/components/ui/action-form";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { PROVIDER_FACTS } from "@/lib/contract/provider-facts";
import type { RepositoryRow } from "@/lib/contract/repository-row";
import { AddCredentialForm } from "./add-credential-form";
import { CredentialSentence } from "./credential-sentence";
import { ProviderGuide } from "./provider-guide";

interface MissingCredentialProps {
  organization: string;
  repository: RepositoryRow;
  write: boolean;
  add: FormAction<string>;
}

/** The page without a credential: a form that knows the provider, beside what the host wants and what happens next. */
export function MissingCredential({ organization, repository, write, add }: MissingCredentialProps) {
  const { upstream } = repository;
  if (!upstream || upstream.provider === "github") {
    return (
      <Panel title="No credential">
        <CredentialSentence repository={repository} />
      </Panel>
    );
  }
  if (!write) {
    return (
      <EmptyState title="No credential is stored">
        An owner or an admin of {organization} can add one. Your role is viewer.
      </EmptyState>
    );
  }
  const { warning } = PROVIDER_FACTS[upstream.provider];
  return (
    <div className="grid grid-cols-1 gap-5 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
      <Panel title="Add a credential">
        {warning && (
          <Notice tone="warn" className="mb-5">
            {warning}
          </Notice>
        )}
        <AddCredentialForm
          action={add}
          repository={{ id: repository.id, name: repository.name }}
          provider={upstream.provider}
        />
      </Panel>
      <ProviderGuide provider={upstream.provider} host={upstream.host} />
    </div>
  );
}
