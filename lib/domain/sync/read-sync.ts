import type { MirrorHeadRow, SyncReason, SyncRunRow } from "@/lib/contract/sync-runs";
import { requirePermission } from "../access/permissions";
import type { Context } from "../context";
import { isPullDue } from "./enqueue-pull";

export interface SyncView {
  /** Newest first. */
  runs: SyncRunRow[];
  /** A pull is due that has not begun, such as the one with the secret that was gone back to. */
  due: boolean;
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
  // Looked at after the runs: one that ends puts the next into the queue in the same moment.
  const due = await isPullDue(ctx.db, repositoryId, runs[0]?.startedAt ?? null);
  return {
    due,
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
