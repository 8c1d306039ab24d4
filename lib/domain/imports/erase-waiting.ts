import { IMPORT_WAITS_MINUTES } from "@/lib/contract/imports";
import { recordAudit } from "../audit/record-audit";
import type { Context, Transaction } from "../context";

/** Cancels the lines of an import that wait, and erases their sign-ins. Returns how many there were. */
export async function eraseWaiting(tx: Transaction, importId: string): Promise<number> {
  const { count } = await tx.importItem.updateMany({
    where: { importId, state: "waiting" },
    data: { state: "cancelled", masterKeyId: null, sealed: null },
  });
  return count;
}

/** Of those that are left the next turn has its share. */
const AT_ONCE = 500;

/** Ends what was sent an hour ago and never begun. */
export async function eraseForgottenImports(base: Omit<Context, "actor">): Promise<void> {
  const now = base.clock();
  const createdAt = { lt: new Date(now.getTime() - IMPORT_WAITS_MINUTES * 60_000) };
  const forgotten = await base.db.repositoryImport.findMany({
    where: { startedAt: null, finishedAt: null, createdAt },
    orderBy: { createdAt: "asc" },
    take: AT_ONCE,
    select: { id: true, organization: { select: { id: true, slug: true } } },
  });
  for (const { id, organization } of forgotten) {
    const place = { organizationId: organization.id, organizationSlug: organization.slug };
    const actor = { kind: "system", name: "end of time", ...place } as const;
    await base.db.$transaction(async (tx) => {
      const { count } = await tx.repositoryImport.updateMany({
        where: { id, startedAt: null, finishedAt: null },
        data: { cancelledAt: now, finishedAt: now },
      });
      if (count === 0) return;
      const lines = await eraseWaiting(tx, id);
      await recordAudit(tx, { ...base, actor }, { action: "import.cancelled", targetId: id, details: { lines } });
    });
  }
}
