import type { Context, Transaction } from "../context";
import { recordOwnAct } from "../members/record-own-act";

/**
 * Erases a user's second factor with its recovery codes, and says so in the audit logs; sessions that began with a code
 * count as begun with a password from here on. Answers whether one was on.
 */
export async function removeSecondFactor(
  tx: Transaction,
  ctx: Pick<Context, "clock" | "requestId" | "address">,
  { userId, system }: { userId: string; system?: string },
): Promise<boolean> {
  await tx.secondFactor.deleteMany({ where: { userId, confirmedAt: null } });
  const { count } = await tx.secondFactor.deleteMany({ where: { userId } });
  if (count === 0) return false;
  await tx.session.updateMany({ where: { userId, method: "password_and_code" }, data: { method: "password" } });
  await tx.pendingSignIn.deleteMany({ where: { userId } });
  await recordOwnAct(tx, ctx, { userId, system }, (email) => ({
    action: "member.second_factor_off",
    targetId: userId,
    details: { email },
  }));
  return true;
}
