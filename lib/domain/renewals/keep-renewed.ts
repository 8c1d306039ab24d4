import { sqltag as sql } from "@prisma/client/runtime/client";
import { RENEWAL_ACTOR } from "@/lib/contract/renewals";
import type { Context } from "../context";
import { startRotation } from "../rotations/start-rotation";
import type { SealedAnswer } from "./answer-file";

/**
 * Stores a renewed token and begins to bring it to every repository that had the old one, in one transaction. Once is
 * enough: a second time changes nothing. Returns whether it is stored; false where the renewal is not known
 * here, or its master key has ended.
 */
export async function keepRenewed(
  { db, clock }: Pick<Context, "db" | "clock">,
  { id, sealed, expiresAt }: SealedAnswer,
): Promise<boolean> {
  return db.$transaction(async (tx) => {
    const key = await tx.masterKeyCheck.count({ where: { keyId: sealed.masterKeyId } });
    if (key === 0) return false;
    // One that was taken for cut off has its token after all: it was in a file of an instance that was away.
    const [renewal] = await tx.renewal.updateManyAndReturn({
      where: { id, OR: [{ outcome: null }, { outcome: { not: "renewed" } }] },
      data: { endedAt: clock(), outcome: "renewed", retryAt: null, expiresAt },
    });
    if (!renewal) return (await tx.renewal.count({ where: { id } })) > 0;
    const { organizationId, host, fingerprint } = renewal;
    const of = { id, organizationId, host, requestedBy: RENEWAL_ACTOR, requestedByUserId: null, createdAt: clock() };
    await startRotation(tx, { ...of, sealed, which: sql`c.fingerprint = ${fingerprint}` });
    return true;
  });
}
