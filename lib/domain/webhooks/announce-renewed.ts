import type { Context, Transaction } from "../context";
import { announce } from "./announce";

/** Tells the organization's webhooks that a host has renewed a credential's token, and when the new one ends. */
export function announceRenewed(
  tx: Transaction,
  ctx: Context,
  renewed: { credentialId: string; repository: { id: string; name: string }; expiresAt?: Date },
): Promise<void> {
  const { credentialId, repository, expiresAt } = renewed;
  return announce(tx, ctx, {
    type: "credential.renewed",
    repository: { id: repository.id, url: repository.name },
    credential: { id: credentialId },
    renewed_at: ctx.clock().toISOString(),
    expires_at: expiresAt?.toISOString() ?? null,
  });
}
