import type { Metadata } from "next";
import { AddSigningKey } from "@/components/signing-keys/add-signing-key";
import { SigningKeyTable } from "@/components/signing-keys/signing-key-table";
import { TokenMint } from "@/components/signing-keys/token-mint";
import { EmptyState } from "@/components/ui/empty-state";
import { Notice } from "@/components/ui/notice";
import { PageHeader } from "@/components/ui/page-header";
import { Panel } from "@/components/ui/panel";
import { signingKeysPageQuery } from "@/lib/contract/signing-keys";
import { may } from "@/lib/domain/access/permissions";
import { listSigningKeys } from "@/lib/domain/signing-keys/list-signing-keys";
import { memberContext } from "@/lib/platform/session/current-member";
import { addKey, revokeKey } from "./actions";

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
  const write = may(ctx.actor, "signing-key:write");
  return (
    <>
      <PageHeader title="Signing keys">
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
          <TokenMint organization={org} />
        </Panel>
      </div>
    </>
  );
}
