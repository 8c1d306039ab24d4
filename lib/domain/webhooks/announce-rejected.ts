import { outcomeSentence } from "@/lib/contract/test-outcome";
import type { Context, Transaction } from "../context";
import { providerToWire } from "../repositories/provider-names";
import type { UpstreamAddress } from "../upstream/remote-url";
import { announce } from "./announce";

/** Tells that a host rejects a credential which it did not reject the last time. */
export function announceRejected(
  tx: Transaction,
  ctx: Context,
  found: { credentialId: string; repository: { id: string; name: string }; upstream: UpstreamAddress },
): Promise<void> {
  const { credentialId, repository, upstream } = found;
  const provider = providerToWire(upstream.provider);
  const error = outcomeSentence("rejected", { reason: null, provider, host: upstream.host });
  return announce(tx, ctx, {
    event: {
      type: "credential.rejected",
      repository: { id: repository.id, url: repository.name },
      credential: { id: credentialId },
      found_at: ctx.clock().toISOString(),
      error,
    },
    says: error,
  });
}
