import type { Context } from "../context";
import { lockUser, type Proved } from "../members/lock-user";
import { findProof, useProof } from "../second-factor/proof";
import { findPendingSignIn, signInTookTooLong, usePendingSignIn } from "./pending-sign-in";

/**
 * The second half of signing in: a code of the app, or a recovery code. Throws `invalid_request` for one that is wrong or
 * was used already, and `not_found` where the password has to be proved anew.
 */
export async function finishSignIn(
  ctx: Pick<Context, "db" | "vault" | "clock" | "requestId" | "address">,
  input: { token: string; code: string },
): Promise<Proved & { method: "code" | "recovery_code" }> {
  const pending = await findPendingSignIn(ctx, input.token);
  if (!pending) throw signInTookTooLong();
  const { userId } = pending;
  const proof = await findProof(ctx, { userId, code: input.code });
  const epoch = await ctx.db.$transaction(async (tx) => {
    // A sign-in that waits is of the epoch that its user is in: the end of one ends it.
    const current = await lockUser(tx, userId);
    await usePendingSignIn(tx, ctx, input.token);
    await useProof(tx, ctx, { userId, proof });
    return current;
  });
  return { userId, epoch, method: "step" in proof ? "code" : "recovery_code" };
}
