import type { Context, Transaction } from "../context";
import { announce } from "./announce";

/** Tells the organization's webhooks that a credential's previous secret is in use again. */
export function announceRolledBack(
  tx: Transaction,
  ctx: Context,
  back: { credentialId: string; repository: { id: string; name: string }; automatic: boolean },
): Promise<void> {
  const { credentialId, repository, automatic } = back;
  return announce(tx, ctx, {
    type: "credential.rolled_back",
    repository: { id: repository.id, url: repository.name },
    credential: { id: credentialId },
    automatic,
    rolled_back_at: ctx.clock().toISOString(),
  });
}
