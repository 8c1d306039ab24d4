import { recordAudit } from "../audit/record-audit";
import type { Context } from "../context";
import { DomainError } from "../errors";
import { openSealed } from "../vault/envelope";
import type { Secret } from "../vault/vault";
import { credentialNotFound, bindingOf, type FoundCredential } from "./find-credential";

/**
 * Hands the current secret to `use`, and to nothing else: the one place that opens a sealed secret.
 * A secret that does not open is recorded and thrown as `credential_unreadable`; it is never taken for an empty one.
 */
export async function withOpenSecret<T>(
  ctx: Context,
  credential: FoundCredential,
  use: (secret: Secret) => T | Promise<T>,
): Promise<T> {
  const { version } = credential;
  const row = await ctx.db.credentialSecret.findFirst({
    where: { credentialId: credential.id, version },
    select: { masterKeyId: true, sealed: true },
  });
  if (!row) throw credentialNotFound();
  let secret: Secret;
  try {
    const plaintext = openSealed(ctx.vault.keyRing, bindingOf(ctx, credential, version), row);
    secret = JSON.parse(plaintext.toString("utf8")) as Secret;
    plaintext.fill(0);
  } catch {
    await ctx.db.$transaction((tx) =>
      recordAudit(tx, ctx, {
        action: "credential.unreadable",
        targetId: credential.id,
        repositoryId: credential.repositoryId,
        details: { repository: credential.repositoryName, version },
      }),
    );
    throw new DomainError(
      "credential_unreadable",
      "The stored secret cannot be opened. Rotate with a username, or with an empty one, to replace it whole.",
    );
  }
  return use(secret);
}
