import type { Context, Transaction } from "../context";
import { DomainError } from "../errors";
import { lockProved, type Proved } from "../members/lock-user";
import { hashLinkToken, newLinkToken } from "../members/link-token";

const LIFETIME_MS = 10 * 60 * 1000;

/**
 * What stands between a proved password and a session: a token that is good once and for ten minutes, with a code. Throws
 * `conflict` where the password or the second factor was changed since.
 */
export async function beginPendingSignIn(
  ctx: Pick<Context, "db" | "clock">,
  proved: Proved,
): Promise<{ token: string; expiresAt: Date }> {
  const { userId } = proved;
  const { token, tokenHash } = newLinkToken();
  const now = ctx.clock();
  const expiresAt = new Date(now.getTime() + LIFETIME_MS);
  await ctx.db.$transaction(async (tx) => {
    await lockProved(tx, proved);
    await tx.pendingSignIn.deleteMany({ where: { userId, expiresAt: { lt: now } } });
    await tx.pendingSignIn.create({ data: { tokenHash, userId, createdAt: now, expiresAt } });
  });
  return { token, expiresAt };
}

/** Whose sign-in waits for its code; null once it was used or took too long. */
export function findPendingSignIn(
  ctx: Pick<Context, "db" | "clock">,
  token: string,
): Promise<{ userId: string } | null> {
  return ctx.db.pendingSignIn.findFirst({
    where: { tokenHash: hashLinkToken(token), expiresAt: { gt: ctx.clock() } },
    select: { userId: true },
  });
}

/** Uses it up. Throws `not_found` where it was used or took too long. */
export async function usePendingSignIn(tx: Transaction, ctx: Pick<Context, "clock">, token: string): Promise<void> {
  const { count } = await tx.pendingSignIn.deleteMany({
    where: { tokenHash: hashLinkToken(token), expiresAt: { gt: ctx.clock() } },
  });
  if (count === 0) throw signInTookTooLong();
}

export function signInTookTooLong(): DomainError {
  return new DomainError("not_found", "Signing in took too long. Begin again with your password.");
}
