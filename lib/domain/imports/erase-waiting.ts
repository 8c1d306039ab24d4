import { IMPORT_WAITS_MINUTES } from "@/lib/contract/imports";
import type { Context, Transaction } from "../context";

/** Cancels the lines of these imports that wait, and erases their sign-ins. Returns how many there were. */
export async function eraseWaiting(tx: Transaction, imports: string[]): Promise<number> {
  const { count } = await tx.importItem.updateMany({
    where: { importId: { in: imports }, state: "waiting" },
    data: { state: "cancelled", masterKeyId: null, sealed: null },
  });
  return count;
}

/** Ends what was sent an hour ago and never begun. */
export async function eraseForgottenImports(ctx: Pick<Context, "db" | "clock">): Promise<void> {
  const now = ctx.clock();
  await ctx.db.$transaction(async (tx) => {
    const forgotten = await tx.repositoryImport.updateManyAndReturn({
      where: {
        startedAt: null,
        finishedAt: null,
        createdAt: { lt: new Date(now.getTime() - IMPORT_WAITS_MINUTES * 60_000) },
      },
      data: { cancelledAt: now, finishedAt: now },
      select: { id: true },
    });
    if (forgotten.length > 0)
      await eraseWaiting(
        tx,
        forgotten.map(({ id }) => id),
      );
  });
}
