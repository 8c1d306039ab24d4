import type { Metadata } from "next";
import { TokenExplainer } from "@/components/signing-keys/token-explainer";
import { LinkButton } from "@/components/ui/link-button";
import { PageHeader } from "@/components/ui/page-header";
import { Panel } from "@/components/ui/panel";
import { signingKeysPath } from "@/lib/contract/paths";
import { listSigningKeys } from "@/lib/domain/signing-keys/list-signing-keys";
import { readTokenPolicy } from "@/lib/domain/signing-keys/read-token-policy";
import { memberContext } from "@/lib/platform/session/current-member";

export const metadata: Metadata = { title: "Check a token" };

export default async function CheckTokenPage({ params }: PageProps<"/[org]/settings/signing-keys/check">) {
  const { org } = await params;
  const ctx = await memberContext(org);
  const keys = await listSigningKeys(ctx);
  return (
    <>
      <PageHeader title="Check a token" actions={<LinkButton href={signingKeysPath(org)}>Signing keys</LinkButton>}>
        Paste a token that a script sends, and read whether the API takes it, and why not.
      </PageHeader>
      <Panel title="Token">
        <TokenExplainer
          organization={org}
          keys={keys.map(({ id, name, algorithm, thumbprint, publicKeyPem, revokedAt }) => ({
            id,
            name,
            algorithm,
            thumbprint,
            publicKeyPem,
            revoked: revokedAt !== null,
          }))}
          policy={await readTokenPolicy(ctx)}
        />
      </Panel>
    </>
  );
}
