import type { Context } from "../context";
import { DomainError } from "../errors";
import { lockUser } from "../members/lock-user";
import { recordOwnAct } from "../members/record-own-act";
import { renewSession, type RenewedSession } from "../sessions/renew-session";
import { begunSince } from "./begun-since";
import { openTotpSecret } from "./open-totp-secret";
import { wrongCode } from "./proof";
import { stepOfCode } from "./totp";

/**
 * Turns on what `beginSecondFactor` made, with a first code of the app. Signing in asks for one from here on; all of one's
 * sessions, which were never asked, end. Answers the one that begins in this browser. Throws `invalid_request` for a wrong
 * code, and `not_found` where nothing was begun within a quarter of an hour.
 */
export async function turnOnSecondFactor(
  ctx: Pick<Context, "db" | "vault" | "clock" | "requestId" | "address">,
  input: { userId: string; sessionId: string; code: string },
): Promise<RenewedSession> {
  const { userId } = input;
  const begun = await ctx.db.secondFactor.findFirst({
    where: { userId, confirmedAt: null, createdAt: { gt: begunSince(ctx.clock()) } },
    select: { masterKeyId: true, sealed: true, createdAt: true },
  });
  if (!begun) throw nothingBegun();
  const secret = await openTotpSecret(ctx, userId, begun);
  const step = stepOfCode(secret, input.code.replace(/\s/g, ""), ctx.clock());
  if (step === null) throw wrongCode();
  return ctx.db.$transaction(async (tx) => {
    await lockUser(tx, userId);
    const { count } = await tx.secondFactor.updateMany({
      where: { userId, confirmedAt: null, createdAt: begun.createdAt },
      data: { confirmedAt: ctx.clock(), lastStep: step },
    });
    if (count === 0) throw nothingBegun();
    const renewed = await renewSession(tx, ctx, input, { password: "password_and_code" });
    await recordOwnAct(tx, ctx, { userId }, (email) => ({
      action: "member.second_factor_on",
      targetId: userId,
      details: { email },
    }));
    return renewed;
  });
}

function nothingBegun(): DomainError {
  return new DomainError("not_found", "There is nothing to turn on. Begin again with your password.");
}
