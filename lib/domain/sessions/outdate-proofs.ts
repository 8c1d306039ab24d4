import type { Transaction } from "../context";

/**
 * Ends all that a user's password and second factor have let in: every session, and every sign-in that waits for its code
 * or is about to become a session. Answers the epoch that begins. The user is locked (`lockUser`).
 */
export async function outdateProofs(tx: Transaction, userId: string): Promise<number> {
  const { epoch } = await tx.user.update({
    where: { id: userId },
    data: { epoch: { increment: 1 } },
    select: { epoch: true },
  });
  await tx.session.deleteMany({ where: { userId } });
  await tx.pendingSignIn.deleteMany({ where: { userId } });
  return epoch;
}
