import type { Context, Transaction } from "../context";
import { newId } from "../new-id";
import { announceEnd, announceStart } from "./announce-sync";
import type { PullJob } from "./enqueue-pull";
import type { Pulled } from "./pull-repository";

/** Opens the run of a pull that begins, and says so. Returns its id. */
export function beginRun(ctx: Context, repository: Pulled, { ref, requestedBy }: PullJob): Promise<string> {
  const { id: repositoryId, credential } = repository;
  const id = newId("run");
  return ctx.db.$transaction(async (tx) => {
    // A run that a killed worker left open ended with it: pulls of one repository never overlap.
    await stopOpenRuns(tx, ctx, repository);
    const { _max: newest } = await tx.syncRun.aggregate({ where: { repositoryId }, _max: { number: true } });
    const begun = { number: (newest.number ?? 0) + 1, startedAt: ctx.clock() };
    await tx.syncRun.create({
      data: { id, repositoryId, requestedBy, ref, ...begun, credentialVersion: credential?.version ?? null },
    });
    await announceStart(tx, ctx, repository, begun);
    return id;
  });
}

/** Ends what is open as "stopped", and says so. */
export async function stopOpenRuns(tx: Transaction, ctx: Context, repository: Pulled): Promise<void> {
  const stopped = await tx.syncRun.updateManyAndReturn({
    where: { repositoryId: repository.id, finishedAt: null },
    data: { finishedAt: ctx.clock(), outcome: "stopped" },
    select: { number: true, startedAt: true },
  });
  for (const run of stopped) {
    await announceEnd(tx, ctx, repository, { ...run, outcome: "stopped", reason: null, refsChanged: 0 });
  }
}
