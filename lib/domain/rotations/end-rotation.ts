import { recordAudit } from "../audit/record-audit";
import type { Context } from "../context";

/** What still waits was cancelled; the new secret is erased, and the summary is on record where somebody asked for it. */
export async function endRotation(
  ctx: Context,
  { rotationId, host, summary }: { rotationId: string; host: string; summary: boolean },
): Promise<void> {
  await ctx.db.$transaction(async (tx) => {
    await tx.rotationItem.updateMany({ where: { rotationId, state: "waiting" }, data: { state: "cancelled" } });
    const { count } = await tx.rotation.updateMany({
      where: { id: rotationId, finishedAt: null },
      data: { finishedAt: ctx.clock(), masterKeyId: null, sealed: null },
    });
    if (count === 0 || !summary) return;
    const groups = await tx.rotationItem.groupBy({ by: ["state"], where: { rotationId }, _count: true });
    const of = (state: string) => groups.find((group) => group.state === state)?._count ?? 0;
    await recordAudit(tx, ctx, {
      action: "rotation.finished",
      targetId: rotationId,
      details: { host, rotated: of("rotated"), kept: of("kept"), failed: of("failed"), cancelled: of("cancelled") },
    });
  });
}
