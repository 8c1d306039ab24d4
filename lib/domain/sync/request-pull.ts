import { actorName } from "../access/actor";
import { requirePermission } from "../access/permissions";
import { recordAudit } from "../audit/record-audit";
import type { Context } from "../context";
import { DomainError } from "../errors";
import { findRepository } from "../repositories/find-repository";
import { countWaitingPulls, enqueuePull } from "./enqueue-pull";

/** Pulls that somebody asked for and that have not begun; what the schedule asks for is one a repository anyway. */
export const MOST_WAITING = 1000;

/**
 * Asks for a pull, which the worker begins within moments; pulling goes on again where it was paused. Throws as
 * `findRepository` does, `no_upstream` where there is nothing to pull from, and `queue_full` where the organization has
 * asked for too many that still wait; one that waits already is not another one.
 */
export async function requestPull(
  ctx: Context,
  input: { repository: string; ref?: string },
): Promise<{ repository: string }> {
  requirePermission(ctx.actor, "repository:pull");
  const { id, name, upstream } = await findRepository(ctx, input.repository);
  if (!upstream) throw new DomainError("no_upstream", "This repository has no upstream to pull from.");
  const { organizationId } = ctx.actor;
  const job = { repositoryId: id, ref: input.ref ?? null, requestedBy: actorName(ctx.actor), byHand: true };
  if ((await countWaitingPulls(ctx.db, organizationId, job, MOST_WAITING)) >= MOST_WAITING) {
    throw new DomainError(
      "queue_full",
      `This organization has ${MOST_WAITING} pulls waiting already. Try again in a minute.`,
      { retryAfter: 60 },
    );
  }
  await ctx.db.$transaction(async (tx) => {
    const { count: resumed } = await tx.repository.updateMany({
      where: { id, pausedAt: { not: null } },
      data: { pausedAt: null, refusals: 0 },
    });
    await enqueuePull(tx, organizationId, job);
    if (resumed > 0) {
      await recordAudit(tx, ctx, { action: "repository.pulls_resumed", targetId: id, details: { name } });
    }
  });
  return { repository: name };
}
