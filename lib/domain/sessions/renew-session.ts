import type { SignInMethod } from "@/lib/platform/prisma-client/enums";
import type { Context, Transaction } from "../context";
import { DomainError } from "../errors";
import { insertSession, type BegunSession } from "./insert-session";
import { outdateProofs } from "./outdate-proofs";

/** The session that goes on in one browser, and the epoch that its user proved anew. */
export interface RenewedSession extends BegunSession {
  epoch: number;
}

/**
 * Ends every session of a user, and begins one anew in the browser that the given one is in: whoever has a copy of its
 * cookie is out, too. `methods` says what else it counts as from here on. Throws `not_found` where it was ended meanwhile.
 * The user is locked (`lockUser`).
 */
export async function renewSession(
  tx: Transaction,
  ctx: Pick<Context, "clock">,
  { userId, sessionId }: { userId: string; sessionId: string },
  methods: Partial<Record<SignInMethod, SignInMethod>> = {},
): Promise<RenewedSession> {
  const session = await tx.session.findFirst({
    where: { id: sessionId, userId, expiresAt: { gt: ctx.clock() } },
    select: { method: true, address: true, browser: true },
  });
  if (!session) throw new DomainError("not_found", "You were signed out meanwhile. Sign in again.");
  const epoch = await outdateProofs(tx, userId);
  const { method, ...place } = session;
  const begun = await insertSession(tx, ctx, { userId, method: methods[method] ?? method, ...place });
  return { ...begun, epoch };
}
