import { setTimeout as sleep } from "node:timers/promises";
import type { PullProgress } from "@/lib/contract/pull-progress";
import { requirePermission } from "../access/permissions";
import type { Context } from "../context";
import { findRepository } from "../repositories/find-repository";

const LOOK_MS = 500;

/**
 * How far the pull is that began at or after `asked`, or that runs now: each change until its end, or until the signal
 * aborts. What is seen is the database, so the worker may be on another machine. Throws as `findRepository` does.
 */
export async function watchPull(
  ctx: Context,
  { repository, asked, signal }: { repository: string; asked: number; signal: AbortSignal },
): Promise<AsyncGenerator<PullProgress>> {
  requirePermission(ctx.actor, "repository:read");
  const { id } = await findRepository(ctx, repository);
  return changes(ctx, { repositoryId: id, asked, signal });
}

async function* changes(
  ctx: Pick<Context, "db">,
  { repositoryId, asked, signal }: { repositoryId: string; asked: number; signal: AbortSignal },
): AsyncGenerator<PullProgress> {
  let before = "";
  while (!signal.aborted) {
    const progress = await look(ctx, repositoryId, asked);
    const now = JSON.stringify(progress);
    if (now !== before) yield progress;
    if (progress.state === "ended") return;
    before = now;
    await sleep(LOOK_MS, undefined, { signal }).catch(() => undefined);
  }
}

async function look({ db }: Pick<Context, "db">, repositoryId: string, asked: number): Promise<PullProgress> {
  const run = await db.syncRun.findFirst({
    where: { repositoryId },
    orderBy: { startedAt: "desc" },
    select: { startedAt: true, finishedAt: true, objectsReceived: true, objectsTotal: true, bytes: true },
  });
  if (!run || (run.finishedAt && run.startedAt.getTime() < asked)) return { state: "waiting" };
  if (run.finishedAt) return { state: "ended" };
  const { objectsReceived, objectsTotal, bytes } = run;
  return { state: "running", objectsReceived, objectsTotal, bytes: Number(bytes) };
}
