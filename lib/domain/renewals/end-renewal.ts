import type { RenewalOutcome } from "@/lib/contract/renewals";
import { recordAudit } from "../audit/record-audit";
import type { Context } from "../context";
import type { FoundCredential } from "../credentials/find-credential";
import { testCredential } from "../credentials/test-credential";
import { DomainError } from "../errors";
import type { BegunRenewal } from "./as-renewal";

const HOUR_MS = 60 * 60 * 1000;
/** When a host may be asked again, in milliseconds; null for never with this token. */
const AGAIN = { refused: 24 * HOUR_MS, rejected: 24 * HOUR_MS, unreachable: HOUR_MS, cut_off: null } as const;

/**
 * Ends a renewal that brought no new token, and puts it on record, once. A host that was merely away is not worth a line
 * an hour. A token that its host has ended is tested then, so that whoever wants to hear of it does.
 */
export async function endRenewal(
  ctx: Context,
  { id, version }: BegunRenewal,
  { id: credentialId, repositoryId, repositoryName }: FoundCredential,
  outcome: Exclude<RenewalOutcome, "renewed">,
): Promise<void> {
  const now = ctx.clock();
  const again = AGAIN[outcome];
  const ended = await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.renewal.updateMany({
      where: { id, endedAt: null },
      data: { endedAt: now, outcome, retryAt: again === null ? null : new Date(now.getTime() + again) },
    });
    if (count === 0) return false;
    if (outcome === "unreachable") return true;
    const details = { repository: repositoryName, version, outcome };
    await recordAudit(tx, ctx, {
      action: "credential.renewal_failed",
      targetId: credentialId,
      repositoryId,
      details,
    });
    return true;
  });
  if (!ended || (outcome !== "rejected" && outcome !== "cut_off")) return;
  await testCredential(ctx, { id: credentialId }).catch((error: unknown) => {
    // Removed or replaced at the same moment: there is nothing to tell of.
    if (!(error instanceof DomainError)) throw error;
  });
}
