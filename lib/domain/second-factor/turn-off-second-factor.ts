import type { Context } from "../context";
import { DomainError } from "../errors";
import { requireOwnPassword } from "../members/password";
import { removeSecondFactor } from "./remove-second-factor";

/** Turns one's own second factor off. Throws `invalid_request` for a wrong password, and `not_found` where none is on. */
export async function turnOffSecondFactor(
  ctx: Pick<Context, "db" | "clock" | "requestId" | "address">,
  input: { userId: string; current: string },
): Promise<void> {
  await requireOwnPassword(ctx, input);
  const wasOn = await ctx.db.$transaction((tx) => removeSecondFactor(tx, ctx, { userId: input.userId }));
  if (!wasOn) throw new DomainError("not_found", "Your second factor is off already.");
}
