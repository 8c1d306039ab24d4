import type { Metadata } from "next";
import { AddSigningKey } from "@/components/signing-keys/add-signing-key";
import { SigningKeyTable } from "@/components/signing-keys/signing-key-table";
import { TokenMint } from "@/components/signing-keys/token-mint";
import { TokenPolicyPanel } from "@/components/signing-keys/token-policy-panel";
import { EmptyState } from "@/components/ui/empty-state";
import { LinkButton } from "@/components/ui/link-button";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { Panel } from "@/components/ui/panel";
import { checkTokenPath } from "@/lib/contract/paths";
import { signingKeysPageQuery } from "@/lib/contract/signing-keys";
import { may } from "@/lib/domain/access/permissions";
import { listSigningKeys } from "@/lib/domain/signing-keys/list-signing-keys";
import { memberContext } from "@/lib/platform/session/current-member";
import { readTokenPolicy } from "@/lib/domain/signing-keys/read-token-policy";
import { addKey, changePolicy, revokeKey } from "./actions";

export const metadata: Metadata = { title: "Signing keys" };

const SENTENCES = {
  added: "The key is stored. Tokens signed with its private half are accepted from now on.",
  revoked: "The key is revoked. Its tokens are refused from now on.",
};

export default async function SigningKeysPage({ params, searchParams }: PageProps<"/[org]/settings/signing-keys">) {
  const { org } = await params;
  const { done, revoke } = signingKeysPageQuery.parse(await searchParams);
  const ctx = await memberContext(org);
  const keys = await listSigningKeys(ctx);
  const policy = await readTokenPolicy(ctx);
  const write = may(ctx.actor, "signing-key:write");
  return (
    <>
      <PageHeader title="Signing keys" actions={<LinkButton href={checkTokenPath(org)}>Check a token</LinkButton>}>
        Scripts sign their tokens with a private key that only you hold. Latchkey keeps the public half and accepts what
        it verifies.
      </PageHeader>
      <div className="space-y-5">
        {done && (
          <Notice tone="ok" status>
            {SENTENCES[done]}
          </Notice>
        )}
        {keys.length > 0 ? (
          <SigningKeyTable
            organization={org}
            keys={keys}
            write={write}
            asked={write ? revoke : undefined}
            revoke={revokeKey.bind(null, org)}
          />
        ) : (
          <EmptyState title="No signing keys yet">
            {write
              ? "Make a pair below, or paste a public key. Without one, no script gets in."
              : `An owner or an admin of ${org} can add one.`}
          </EmptyState>
        )}
        {write && (
          <Panel title="Add a key">
            <AddSigningKey action={addKey.bind(null, org)} />
          </Panel>
        )}
        <Panel title="Make a token">
          <TokenMint organization={org} policy={policy} />
        </Panel>
        <TokenPolicyPanel policy={policy} change={write ? changePolicy.bind(null, org) : undefined} />
      </div>
    </>
  );
}
