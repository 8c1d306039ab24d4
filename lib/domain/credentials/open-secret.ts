import { recordAudit } from "../audit/record-audit";
import type { Context } from "../context";
import { DomainError } from "../errors";
import { openSealed, type SealBinding, type SealedSecret } from "../vault/envelope";
import type { KeyRing } from "../vault/key-ring";
import type { Secret } from "../vault/vault";
import { bindingOf, credentialNotFound, type FoundCredential } from "./find-credential";
import { holdSecret } from "./secrets-in-use";

/**
 * Hands the current secret to `use`, and to nothing else: the one place that opens a sealed secret.
 * A secret that does not open is recorded, noted at the credential, and thrown as `credential_unreadable`; it is never
 * taken for an empty one. The note goes once the secret opens again, as after a master key came back.
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
    await noteUnreadable(ctx, credential);
    throw new DomainError(
      "credential_unreadable",
      "The stored secret cannot be opened. Rotate with a username, or with an empty one, to replace it whole.",
    );
  }
  if (credential.unreadableAt) {
    await ctx.db.gitCredential.updateMany({
      where: { id: credential.id, currentVersion: version },
      data: { unreadableAt: null },
    });
  }
  const release = holdSecret(secret.password, secret.username);
  try {
    return await use(secret);
  } finally {
    release();
  }
}

async function noteUnreadable(ctx: Context, { id, version, repositoryId, repositoryName }: FoundCredential) {
  await ctx.db.$transaction(async (tx) => {
    await tx.gitCredential.updateMany({
      where: { id, currentVersion: version, unreadableAt: null },
      data: { unreadableAt: ctx.clock() },
    });
    await recordAudit(tx, ctx, {
      action: "credential.unreadable",
      targetId: id,
      repositoryId,
      details: { repository: repositoryName, version },
    });
  });
}

/** Whether a sealed secret opens; what is in it is not kept. */
export function opensSecret(ring: KeyRing, binding: SealBinding, sealed: SealedSecret): boolean {
  try {
    openSealed(ring, binding, sealed).fill(0);
    return true;
  } catch {
    return false;
  }
}
