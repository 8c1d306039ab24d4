import type { Context } from "../context";
import { findProof, useProof } from "../second-factor/proof";
import { findPendingSignIn, signInTookTooLong, usePendingSignIn } from "./pending-sign-in";

/**
 * The second half of signing in: a code of the app, or a recovery code. Throws `invalid_request` for one that is wrong or
 * was used already, and `not_found` where the password has to be proved anew.
 */
export async function finishSignIn(
  ctx: Pick<Context, "db" | "vault" | "clock" | "requestId" | "address">,
  input: { token: string; code: string },
): Promise<{ userId: string }> {
  const pending = await findPendingSignIn(ctx, input.token);
  if (!pending) throw signInTookTooLong();
  const { userId } = pending;
  const proof = await findProof(ctx, { userId, code: input.code });
  await ctx.db.$transaction(async (tx) => {
    await usePendingSignIn(tx, ctx, input.token);
    await useProof(tx, ctx, { userId, proof });
  });
  return { userId };
}
