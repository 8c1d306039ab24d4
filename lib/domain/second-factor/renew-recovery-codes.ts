import type { Context } from "../context";
import { DomainError } from "../errors";
import { requireOwnPassword } from "../members/password";
import { recordOwnAct } from "../members/record-own-act";
import { newRecoveryCodes } from "./recovery-codes";

/**
 * Fresh recovery codes, answered here and never again; the ones before are worthless. Throws `invalid_request` for a wrong
 * password, and `not_found` where no second factor is on.
 */
export async function renewRecoveryCodes(
  ctx: Pick<Context, "db" | "clock" | "requestId" | "address">,
  input: { userId: string; current: string },
): Promise<{ recoveryCodes: string[] }> {
  const { userId } = input;
  await requireOwnPassword(ctx, input);
  const { codes, hashes } = newRecoveryCodes();
  await ctx.db.$transaction(async (tx) => {
    const on = await tx.secondFactor.findFirst({
      where: { userId, confirmedAt: { not: null } },
      select: { userId: true },
    });
    if (!on) throw new DomainError("not_found", "Recovery codes belong to a second factor, and yours is off.");
    await tx.recoveryCode.deleteMany({ where: { userId } });
    await tx.recoveryCode.createMany({ data: hashes.map((codeHash) => ({ userId, codeHash })) });
    await recordOwnAct(tx, ctx, { userId }, (email) => ({
      action: "member.recovery_codes_renewed",
      targetId: userId,
      details: { email },
    }));
  });
  return { recoveryCodes: codes };
}
