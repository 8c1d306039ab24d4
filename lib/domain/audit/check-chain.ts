import type { Context } from "../context";
import { verifyChain, type ChainState } from "./verify-chain";

/**
 * Verifies an organization's chain against the newest end that was found whole before, and keeps what was found for its
 * audit page: a chain that was cut, or made anew, together with its head is not whole again.
 */
export async function checkChain(
  { db, clock }: Pick<Context, "db" | "clock">,
  organizationId: string,
): Promise<ChainState> {
  const before = await db.auditCheck.findUnique({ where: { organizationId } });
  const known =
    before?.wholeSeq && before.wholeHash
      ? { events: Number(before.wholeSeq), hash: Buffer.from(before.wholeHash).toString("hex") }
      : undefined;
  const state = await verifyChain((statement) => db.$queryRaw(statement), organizationId, known);
  const { events, head, broken } = state;
  const found = { checkedAt: clock(), events, brokenSeq: broken?.seq ?? null, brokenWhy: broken?.why ?? null };
  // At once, so that no page shows a whole log without its end.
  await db.$transaction(async (tx) => {
    await tx.auditCheck.upsert({ where: { organizationId }, create: { organizationId, ...found }, update: found });
    if (broken) return;
    // Of two checks at once the one that saw more is kept.
    await tx.auditCheck.updateMany({
      where: { organizationId, OR: [{ wholeSeq: null }, { wholeSeq: { lt: events } }] },
      data: { wholeSeq: events, wholeHash: Buffer.from(head, "hex") },
    });
  });
  return state;
}
