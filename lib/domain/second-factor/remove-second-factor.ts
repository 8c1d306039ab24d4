import type { Context, Transaction } from "../context";
import { recordOwnAct } from "../members/record-own-act";

/**
 * Erases a user's second factor with its recovery codes, and says so in the audit logs. What it let in ends by
 * `outdateProofs` or `renewSession`, in the same transaction.
 */
export async function removeSecondFactor(
  tx: Transaction,
  ctx: Pick<Context, "clock" | "requestId" | "address">,
  { userId, system }: { userId: string; system?: string },
): Promise<void> {
  await tx.secondFactor.deleteMany({ where: { userId, confirmedAt: null } });
  const { count } = await tx.secondFactor.deleteMany({ where: { userId } });
  if (count === 0) return;
  await recordOwnAct(tx, ctx, { userId, system }, (email) => ({
    action: "member.second_factor_off",
    targetId: userId,
    details: { email },
  }));
}
