import type { Context } from "../context";
import { DomainError } from "../errors";
import { recordOwnAct } from "../members/record-own-act";
import { openTotpSecret } from "./open-totp-secret";
import { wrongCode } from "./proof";
import { stepOfCode } from "./totp";

/**
 * Turns on what `beginSecondFactor` made, with a first code of the app. Signing in asks for one from here on; one's other
 * sessions, which were never asked, end. Throws `invalid_request` for a wrong code, and `not_found` where nothing was begun.
 */
export async function turnOnSecondFactor(
  ctx: Pick<Context, "db" | "vault" | "clock" | "requestId" | "address">,
  input: { userId: string; sessionId: string; code: string },
): Promise<void> {
  const { userId, sessionId } = input;
  const begun = await ctx.db.secondFactor.findFirst({
    where: { userId, confirmedAt: null },
    select: { masterKeyId: true, sealed: true, createdAt: true },
  });
  if (!begun) throw nothingBegun();
  const secret = await openTotpSecret(ctx, userId, begun);
  const step = stepOfCode(secret, input.code.replace(/\s/g, ""), ctx.clock());
  if (step === null) throw wrongCode();
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.secondFactor.updateMany({
      where: { userId, confirmedAt: null, createdAt: begun.createdAt },
      data: { confirmedAt: ctx.clock(), lastStep: step },
    });
    if (count === 0) throw nothingBegun();
    await tx.session.deleteMany({ where: { userId, id: { not: sessionId } } });
    await tx.session.updateMany({ where: { userId, method: "password" }, data: { method: "password_and_code" } });
    await recordOwnAct(tx, ctx, { userId }, (email) => ({
      action: "member.second_factor_on",
      targetId: userId,
      details: { email },
    }));
  });
}

function nothingBegun(): DomainError {
  return new DomainError("not_found", "There is nothing to turn on. Begin again with your password.");
}
