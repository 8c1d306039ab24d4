import { actorName } from "../access/actor";
import { requirePermission } from "../access/permissions";
import type { Context } from "../context";
import { DomainError } from "../errors";
import { findRepository } from "../repositories/find-repository";
import { enqueuePull } from "./enqueue-pull";

/**
 * Asks for a pull, which the worker begins within moments; pulling goes on again where it was paused. Throws as
 * `findRepository` does, and `no_upstream` where there is nothing to pull from.
 */
export async function requestPull(
  ctx: Context,
  input: { repository: string; ref?: string },
): Promise<{ repository: string }> {
  requirePermission(ctx.actor, "repository:pull");
  const { id, name, upstream } = await findRepository(ctx, input.repository);
  if (!upstream) throw new DomainError("no_upstream", "This repository has no upstream to pull from.");
  const job = { repositoryId: id, ref: input.ref ?? null, requestedBy: actorName(ctx.actor) };
  await ctx.db.$transaction(async (tx) => {
    await tx.repository.updateMany({ where: { id, pausedAt: { not: null } }, data: { pausedAt: null, refusals: 0 } });
    await enqueuePull(tx, job);
  });
  return { repository: name };
}
