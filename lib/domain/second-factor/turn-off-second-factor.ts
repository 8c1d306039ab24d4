import type { Context } from "../context";
import { lockProved } from "../members/lock-user";
import { requireOwnPassword } from "../members/password";
import { renewSession, type RenewedSession } from "../sessions/renew-session";
import { findProof, useProof } from "./proof";
import { removeSecondFactor } from "./remove-second-factor";

/**
 * Turns one's own second factor off, for the password and a code, and ends all of one's sessions; answers the one that
 * begins in this browser. Throws `invalid_request` for a wrong password and for a wrong code, as any is where none is on.
 */
export async function turnOffSecondFactor(
  ctx: Pick<Context, "db" | "vault" | "clock" | "requestId" | "address">,
  input: { userId: string; sessionId: string; current: string; code: string },
): Promise<RenewedSession> {
  const { userId } = input;
  const proved = await requireOwnPassword(ctx, input);
  const proof = await findProof(ctx, input);
  return ctx.db.$transaction(async (tx) => {
    await lockProved(tx, proved);
    await useProof(tx, ctx, { userId, proof });
    const renewed = await renewSession(tx, ctx, input, { password_and_code: "password" });
    await removeSecondFactor(tx, ctx, { userId });
    return renewed;
  });
}
