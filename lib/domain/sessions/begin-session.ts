import type { SignInMethod } from "@/lib/platform/prisma-client/enums";
import type { Context, Transaction } from "../context";
import { lockProved, type Proved } from "../members/lock-user";
import { recordOwnAct } from "../members/record-own-act";
import { insertSession, type BegunSession, type SessionPlace } from "./insert-session";

/** More browsers than anybody uses; beyond them the session that was seen longest ago ends. */
export const MOST_SESSIONS = 50;

/** With what somebody signs in last, and what their session counts as. */
const METHODS = {
  password: "password",
  code: "password_and_code",
  recovery_code: "password_and_code",
  single_sign_on: "single_sign_on",
} as const satisfies Record<string, SignInMethod>;

export type SignedInWith = keyof typeof METHODS;

export interface NewSession extends SessionPlace {
  proved: Proved;
  method: SignedInWith;
}

/**
 * Signs a user in somewhere, and says so in the audit logs in the same transaction. Their sessions that are over are
 * erased. Throws `conflict` where their password or second factor was changed since they proved it.
 */
export async function beginSession(
  ctx: Pick<Context, "db" | "clock" | "requestId" | "address">,
  { proved, method, ...place }: NewSession,
): Promise<BegunSession> {
  const { userId } = proved;
  return ctx.db.$transaction(async (tx) => {
    await lockProved(tx, proved);
    await tx.session.deleteMany({ where: { userId, expiresAt: { lt: ctx.clock() } } });
    const begun = await insertSession(tx, ctx, { userId, method: METHODS[method], ...place });
    await recordOwnAct(tx, ctx, { userId }, (email) => ({
      action: "member.signed_in",
      targetId: userId,
      details: { email, method },
    }));
    await endBeyond(tx, ctx, userId);
    return begun;
  });
}

async function endBeyond(
  tx: Transaction,
  ctx: Pick<Context, "clock" | "requestId" | "address">,
  userId: string,
): Promise<void> {
  const beyond = await tx.session.findMany({
    where: { userId },
    orderBy: [{ lastSeenAt: "desc" }, { createdAt: "desc" }],
    skip: MOST_SESSIONS,
    take: MOST_SESSIONS,
    select: { id: true },
  });
  if (beyond.length === 0) return;
  const { count } = await tx.session.deleteMany({ where: { id: { in: beyond.map(({ id }) => id) } } });
  await recordOwnAct(tx, ctx, { userId }, (email) => ({
    action: "member.sessions_ended",
    targetId: userId,
    details: { email, sessions: count },
  }));
}
