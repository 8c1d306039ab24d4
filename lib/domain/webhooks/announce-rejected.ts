import { outcomeSentence } from "@/lib/contract/test-outcome";
import type { Context, Transaction } from "../context";
import { providerToWire } from "../repositories/provider-names";
import type { UpstreamAddress } from "../upstream/remote-url";
import { announce } from "./announce";

/** Tells the organization's webhooks that a host rejects a credential which it did not reject the last time. */
export function announceRejected(
  tx: Transaction,
  ctx: Context,
  found: { credentialId: string; repository: { id: string; name: string }; upstream: UpstreamAddress },
): Promise<void> {
  const { credentialId, repository, upstream } = found;
  return announce(tx, ctx, {
    type: "credential.rejected",
    repository: { id: repository.id, url: repository.name },
    credential: { id: credentialId },
    found_at: ctx.clock().toISOString(),
    error: outcomeSentence("rejected", {
      reason: null,
      provider: providerToWire(upstream.provider),
      host: upstream.host,
    }),
  });
}
