import { requirePermission } from "../access/permissions";
import type { Context } from "../context";
import { DomainError } from "../errors";
import { resumePulls } from "../sync/resume-pulls";
import type { CredentialReceipt } from "./create-credential";
import { rolledBack } from "../webhooks/secret-events";
import { bindingOf, findCredential, requireVersion, type FoundCredential } from "./find-credential";
import { fingerprintOf } from "./fingerprint";
import { makeCurrent } from "./make-current";
import { withOpenSecret } from "./open-secret";
import { proveSecret } from "./prove-secret";

export interface RollBackInput {
  id: string;
  /** Where the path names a repository, the credential must be that one's. */
  repositoryId?: string;
  /** Where given, the version that must be the current one. */
  ifVersion?: number;
}

/**
 * Goes back to the secret before the current one, which is tested first and becomes a new version; the current one is
 * kept as the previous. Throws `not_found`; `version_mismatch`; `no_previous` where there is nothing to go back to; and
 * `credential_refused` where the host does not take the previous one any more: nothing is changed then.
 */
export async function rollBackCredential(ctx: Context, input: RollBackInput): Promise<CredentialReceipt> {
  requirePermission(ctx.actor, "credential:write");
  const credential = await findCredential(ctx, input.id, input.repositoryId);
  requireVersion(credential, input.ifVersion);
  if (!(await goBack(ctx, credential, { automatic: false }))) {
    throw new DomainError("busy", "This credential was changed at the same time. Look at it, and try again.", {
      retryAfter: 1,
    });
  }
  return { id: credential.id, createdAt: credential.createdAt };
}

/**
 * The same for Latchkey itself, which tells the organization's webhooks. False where the credential was changed since
 * it was read.
 */
export async function goBack(
  ctx: Context,
  credential: FoundCredential,
  { automatic }: { automatic: boolean },
): Promise<boolean> {
  const { id, repositoryId, repositoryName, upstream, previousVersion, refusals } = credential;
  if (previousVersion === null) {
    throw new DomainError(
      "no_previous",
      "There is no previous secret to go back to: none was kept, or its time is over.",
    );
  }
  const repository = { id: repositoryId, name: repositoryName };
  const version = credential.lastVersion + 1;
  const went = await withOpenSecret(ctx, { ...credential, version: previousVersion }, async (secret) => {
    const tested = await proveSecret(ctx, "required", { repository, targetId: id, upstream, secret });
    const details = { repository: repositoryName, version, automatic };
    const next = {
      version,
      secret,
      from: previousVersion,
      sealed: ctx.vault.seal(bindingOf(ctx, credential, version), secret),
      tested,
      fingerprint: await fingerprintOf(ctx, upstream.host, secret.password),
      automatic,
      audit: { action: "credential.rolled_back", targetId: id, repositoryId, details },
      announcement: rolledBack(ctx, { credentialId: id, repository, automatic }),
    } as const;
    return makeCurrent(ctx, credential, next);
  });
  if (went && refusals > 0) await resumePulls(ctx, repository);
  return went;
}
