import { requirePermission } from "../access/permissions";
import { recordAudit } from "../audit/record-audit";
import type { Context } from "../context";
import { DomainError } from "../errors";
import { findRepository } from "../repositories/find-repository";
import { nextPull } from "./next-pull";

/** Sets how often a repository is pulled; 0 turns the schedule off. Throws as `findRepository` does. */
export async function chooseSchedule(ctx: Context, input: { repository: string; everyMinutes: number }): Promise<void> {
  requirePermission(ctx.actor, "repository:write");
  const { id, name, upstream } = await findRepository(ctx, input.repository);
  if (!upstream) throw new DomainError("no_upstream", "This repository has no upstream to pull from.");
  const { everyMinutes } = input;
  await ctx.db.$transaction(async (tx) => {
    await tx.repository.update({
      where: { id },
      data: { pullEveryMinutes: everyMinutes, nextPullAt: nextPull(ctx.clock(), everyMinutes) },
    });
    await recordAudit(tx, ctx, {
      action: "repository.schedule_changed",
      targetId: id,
      details: { name, every_minutes: everyMinutes },
    });
  });
}
