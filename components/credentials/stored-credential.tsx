import { RefreshCw, Trash2 } from "lucide-react";
import Link from "next/link";
import type { FormAction } from "@/components/ui/action-form";
import { ConfirmByName } from "@/components/ui/confirm-by-name";
import { Copyable } from "@/components/ui/copyable";
import { Facts } from "@/components/ui/facts";
import { LinkButton } from "@/components/ui/link-button";
import { Notice } from "@/components/ui/notice";
import { Panel } from "@/components/ui/panel";
import { RelativeTime } from "@/components/ui/relative-time";
import { PROVIDER_FACTS } from "@/lib/contract/provider-facts";
import { credentialPath } from "@/lib/contract/paths";
import type { RenewalRow } from "@/lib/contract/renewals";
import type { CredentialRow, RepositoryRow } from "@/lib/contract/repository-row";
import { CredentialSentence } from "./credential-sentence";
import { CredentialActForm } from "./credential-act-form";
import { PendingSecret } from "./pending-secret";
import { PreviousSecret } from "./previous-secret";
import { ProviderGuide } from "./provider-guide";
import { Renewal } from "./renewal";
import { RotateAllForm } from "./rotate-all-form";
import { RotateCredentialForm } from "./rotate-credential-form";

interface StoredCredentialProps {
  organization: string;
  repository: RepositoryRow;
  credential: CredentialRow;
  /** The panel that is open. */
  act?: "rotate" | "rotate_all" | "remove";
  renewal: RenewalRow;
  /** How many other repositories use the same token. */
  sharing: number;
  write: boolean;
  acts: Record<"test" | "rotate" | "remove" | "finish" | "discard" | "rollBack" | "erase", FormAction<string>> & {
    rotateAll: FormAction<{ id: string; total: number }>;
    chooseRenewal: FormAction<{ name: string; on: "true" | "false" }>;
  };
}

/** The page with a credential: how it stands, what is known of it, and what can be done. */
export function StoredCredential(props: StoredCredentialProps) {
  const { organization, repository, credential, act, renewal, sharing, write, acts } = props;
  const page = credentialPath(organization, repository.name);
  const provider = repository.upstream?.provider ?? "gitlab";
  const { warning } = PROVIDER_FACTS[provider];
  return (
    <>
      <Panel title="Stored credential">
        {warning && (
          <Notice tone="warn" className="mb-4">
            {warning}
          </Notice>
        )}
        <CredentialSentence repository={repository} />
        {credential.rolledBackAt && (
          <Notice tone="warn" className="mt-4">
            The host rejected a newer secret at its first pull <RelativeTime date={credential.rolledBackAt} />, so
            Latchkey went back to this one, which still works. Rotate again with one that the host takes.
          </Notice>
        )}
        {credential.pending && (
          <PendingSecret id={credential.id} pending={credential.pending} acts={write ? acts : null} />
        )}
        {sharing > 0 && (
          <p className="mt-4 text-sm">
            The same token is used by {sharing} other {sharing === 1 ? "repository" : "repositories"}.{" "}
            {write && act !== "rotate_all" && (
              <Link href={`${page}?act=rotate_all`} scroll={false} className="underline underline-offset-4">
                Rotate it for all {sharing + 1}
              </Link>
            )}
          </p>
        )}
        <div className="mt-5">
          <Facts facts={factsOf(credential)} />
        </div>
        {write ? (
          !act && (
            <div className="mt-5 flex flex-wrap gap-2">
              <CredentialActForm action={acts.test} id={credential.id} label="Test the credential" busy="Testing…">
                Test
              </CredentialActForm>
              <LinkButton variant="primary" href={`${page}?act=rotate`} scroll={false}>
                <RefreshCw aria-hidden className="size-4" />
                Rotate
              </LinkButton>
              <LinkButton href={`${page}?act=remove`} scroll={false}>
                <Trash2 aria-hidden className="size-4" />
                Remove…
              </LinkButton>
            </div>
          )
        ) : (
          <p className="mt-5 text-sm text-muted">Only owners and admins can test, rotate or remove it.</p>
        )}
      </Panel>
      {!act && repository.upstream && (
        <Renewal
          id={credential.id}
          host={repository.upstream.host}
          renewal={renewal}
          sharing={sharing}
          action={write ? acts.chooseRenewal : null}
        />
      )}
      {!act && credential.previousUntil && (
        <PreviousSecret
          id={credential.id}
          until={credential.previousUntil}
          host={repository.upstream?.host ?? "its host"}
          acts={write ? acts : null}
        />
      )}
      {act === "rotate" && repository.upstream && (
        <div className="grid grid-cols-1 gap-5 lg:grid-cols-[minmax(0,3fr)_minmax(0,2fr)]">
          <Panel title="Rotate">
            <RotateCredentialForm action={acts.rotate} credential={credential} provider={provider} cancel={page} />
          </Panel>
          <ProviderGuide provider={provider} host={repository.upstream.host} />
        </div>
      )}
      {act === "rotate_all" && (
        <Panel title={`Rotate for all ${sharing + 1} repositories`}>
          <RotateAllForm action={acts.rotateAll} id={credential.id} provider={provider} cancel={page} />
        </Panel>
      )}
      {act === "remove" && (
        <Panel title="Remove">
          <p className="max-w-prose text-sm">
            From then on Latchkey reaches {repository.upstream?.host} for this repository without a credential: a
            private upstream cannot be pulled any more. The secret is erased and cannot be brought back. The token
            itself goes on working on the host until you revoke it there.
          </p>
          <ConfirmByName
            action={acts.remove}
            cancel={page}
            name={repository.name}
            what="the repository's name"
            hidden={{ id: credential.id }}
            label="Remove the credential"
            verb="Remove credential"
            busy="Removing…"
          />
        </Panel>
      )}
    </>
  );
}

function factsOf(credential: CredentialRow) {
  const { id, hasUsername, usernameHint, addedBy, version, createdAt, rotatedAt, lastUsedAt, expiresAt, test } =
    credential;
  const username = usernameHint ? (
    <code className="font-mono text-[0.8125rem]">{usernameHint}</code>
  ) : hasUsername ? (
    "Stored, and hidden: it could be the token itself"
  ) : (
    "None"
  );
  return [
    ["Id", <Copyable key="id" text={id} what="the credential's id" />],
    ["Username", username],
    ["Secret", "Sealed. Write-only."],
    [
      "Added",
      <span key="added">
        <RelativeTime date={createdAt} /> by {addedBy}
      </span>,
    ],
    ["Rotated", rotatedAt ? <RelativeTime key="rotated" date={rotatedAt} /> : "Never"],
    ["Last used", lastUsedAt ? <RelativeTime key="used" date={lastUsedAt} /> : "Never, by Latchkey"],
    ...(expiresAt ? [["Expires", <RelativeTime key="expires" date={expiresAt} />] as const] : []),
    ...(test && test.scopes.length > 0 ? [["Scopes", <Scopes key="scopes" scopes={test.scopes} />] as const] : []),
    ...(test?.hostLastUsedAt
      ? [["Used on the host", <HostLastUse key="used" date={test.hostLastUsedAt} />] as const]
      : []),
    ["Version", version],
  ] as const;
}

function Scopes({ scopes }: { scopes: readonly string[] }) {
  return <span className="font-mono text-[0.8125rem]">{scopes.join(", ")}</span>;
}

function HostLastUse({ date }: { date: Date }) {
  return (
    <>
      <RelativeTime date={date} />, as the host has it
    </>
  );
}
