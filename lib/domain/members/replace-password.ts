import type { Context, Transaction } from "../context";
import { recordOwnAct } from "./record-own-act";

interface Replacement {
  userId: string;
  /** Null takes it away: the user signs in through the identity provider alone from here on. */
  passwordHash: string | null;
  /** Who did it where it was not the user: "reset link". */
  system?: string;
}

/**
 * Sets a user's password or takes it away, ends their reset links, and says so in the audit log of every organization they
 * are in. What the old one let in ends by `outdateProofs` or `renewSession`, in the same transaction.
 */
export async function replacePassword(
  tx: Transaction,
  ctx: Pick<Context, "clock" | "requestId" | "address">,
  { userId, passwordHash, system }: Replacement,
): Promise<void> {
  await tx.user.update({ where: { id: userId }, data: { passwordHash } });
  await tx.oneTimeLink.deleteMany({ where: { userId } });
  await recordOwnAct(tx, ctx, { userId, system }, (email) => ({
    action: passwordHash === null ? "member.password_removed" : "member.password_changed",
    targetId: userId,
    details: { email },
  }));
}
