import { RENEWAL_ACTOR } from "@/lib/contract/renewals";
import { requirePermission } from "../access/permissions";
import type { Context } from "../context";
import { DomainError } from "../errors";
import { findCredential } from "./find-credential";
import { withOpenSecret } from "./open-secret";
import { proveSecret } from "./prove-secret";
import { proveStaged, takeOver } from "./rotate-credential";
import { eraseStaged } from "./stage-secret";

/**
 * Tests the secret that was left pending, where the process ended before its test did, and puts it in place where it
 * passes. Throws as `findCredential`; `conflict` where none is pending any more; and as `proveStaged`.
 */
export async function finishRotation(ctx: Context, { id }: { id: string }): Promise<void> {
  requirePermission(ctx.actor, "credential:write");
  const credential = await findCredential(ctx, id);
  const { pendingVersion: version, pendingEndsAt, repositoryId, repositoryName, upstream } = credential;
  if (version === null) throw nothingPending();
  await withOpenSecret(ctx, { ...credential, version }, async (secret) => {
    // What a host has renewed is the only token there is: it stays, whatever its test finds.
    const tested =
      credential.pendingBy === RENEWAL_ACTOR
        ? await proveSecret(ctx, "required", {
            repository: { id: repositoryId, name: repositoryName },
            targetId: id,
            upstream,
            secret,
          })
        : await proveStaged(ctx, "required", credential, { version, secret });
    const next = { version, secret, tested, wish: "required", expiresAt: pendingEndsAt ?? undefined } as const;
    if (!(await takeOver(ctx, credential, next))) throw nothingPending();
  });
}

/**
 * Erases the secret that was left pending; the current one stays. Throws as `findCredential`, and `conflict` where none
 * is pending any more, or what a host has renewed is: the current one has ended.
 */
export async function discardRotation(ctx: Context, { id }: { id: string }): Promise<void> {
  requirePermission(ctx.actor, "credential:write");
  const credential = await findCredential(ctx, id);
  const { pendingVersion, pendingBy } = credential;
  if (pendingVersion !== null && pendingBy === RENEWAL_ACTOR) {
    throw new DomainError(
      "conflict",
      "The host has ended the token before this one, so this one is kept. Test it again, or rotate with another.",
    );
  }
  if (pendingVersion === null || !(await eraseStaged(ctx, credential, pendingVersion))) throw nothingPending();
}

function nothingPending(): DomainError {
  return new DomainError("conflict", "No new secret is waiting any more. The page shows how things stand now.");
}
