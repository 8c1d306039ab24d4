import { setTimeout as sleep } from "node:timers/promises";
import type { PullProgress } from "@/lib/contract/pull-progress";
import type { Actor } from "../access/actor";
import { may, requirePermission } from "../access/permissions";
import type { Context } from "../context";
import { findRepository } from "../repositories/find-repository";

const LOOK_MS = 500;
const PERMISSION = "repository:read";

interface Watch {
  asked: number;
  signal: AbortSignal;
  /** Asked before every look: who watches, as they are by then. */
  findActor: () => Promise<Actor | null>;
}

/**
 * How far the pull is that began at or after `asked`, or that runs now: each change until its end, until the signal
 * aborts, or until `findActor` says that who watches may no longer. What is seen is the database, so the worker may be on
 * another machine. Throws as `findRepository` does.
 */
export async function watchPull(
  ctx: Context,
  { repository, ...watch }: Watch & { repository: string },
): Promise<AsyncGenerator<PullProgress>> {
  requirePermission(ctx.actor, PERMISSION);
  const { id } = await findRepository(ctx, repository);
  return changes(ctx, { ...watch, repositoryId: id });
}

async function* changes(
  ctx: Pick<Context, "db">,
  { repositoryId, asked, signal, findActor }: Watch & { repositoryId: string },
): AsyncGenerator<PullProgress> {
  let before = "";
  while (!signal.aborted) {
    const actor = await findActor();
    if (!actor || !may(actor, PERMISSION)) return;
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
