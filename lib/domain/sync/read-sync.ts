import type { MirrorHeadRow, SyncReason, SyncRunRow } from "@/lib/contract/sync-runs";
import { requirePermission } from "../access/permissions";
import type { Context } from "../context";

export interface SyncView {
  /** Newest first. */
  runs: SyncRunRow[];
  /** The default branch first, then by name. */
  heads: MirrorHeadRow[];
  headCount: number;
  pausedAt: Date | null;
  nextPullAt: Date | null;
  pullEveryMinutes: number;
}

const RUNS = 30;
const HEADS = 20;

/** What is known of a repository's pulls. The id must be of the actor's organization. */
export async function readSync(
  ctx: Context,
  { repositoryId, defaultBranch }: { repositoryId: string; defaultBranch: string },
): Promise<SyncView> {
  requirePermission(ctx.actor, "repository:read");
  const own = { repositoryId, repository: { organizationId: ctx.actor.organizationId, deletedAt: null } };
  const [runs, first, heads, headCount, repository] = await Promise.all([
    ctx.db.syncRun.findMany({ where: own, orderBy: { startedAt: "desc" }, take: RUNS }),
    ctx.db.mirrorHead.findFirst({ where: { ...own, ref: `refs/heads/${defaultBranch}` } }),
    ctx.db.mirrorHead.findMany({
      where: { ...own, ref: { not: `refs/heads/${defaultBranch}` } },
      orderBy: { ref: "asc" },
      take: HEADS,
    }),
    ctx.db.mirrorHead.count({ where: own }),
    ctx.db.repository.findFirst({
      where: { id: repositoryId, organizationId: ctx.actor.organizationId },
      select: { pausedAt: true, nextPullAt: true, pullEveryMinutes: true },
    }),
  ]);
  return {
    runs: runs.map(({ id, requestedBy, ref, startedAt, finishedAt, outcome, reason, refsChanged, bytes }) => ({
      id,
      requestedBy,
      ref,
      startedAt,
      finishedAt,
      outcome,
      reason: reason as SyncReason | null,
      refsChanged,
      bytes: Number(bytes),
    })),
    heads: [...(first ? [first] : []), ...heads].map(({ ref, objectId }) => ({ ref, objectId })),
    headCount,
    pausedAt: repository?.pausedAt ?? null,
    nextPullAt: repository?.nextPullAt ?? null,
    pullEveryMinutes: repository?.pullEveryMinutes ?? 0,
  };
}
