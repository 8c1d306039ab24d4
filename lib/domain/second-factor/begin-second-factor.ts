import type { Context } from "../context";
import { DomainError } from "../errors";
import { lockProved } from "../members/lock-user";
import { requireOwnPassword } from "../members/password";
import { totpBinding } from "./totp-binding";
import { newRecoveryCodes } from "./recovery-codes";
import { newTotpSecret, totpAddress } from "./totp";

export interface NewSecondFactor {
  /** Base32, for typing into an app. */
  secret: string;
  /** `otpauth://…`, for its QR code. */
  address: string;
  recoveryCodes: string[];
}

/**
 * Makes the secret for one's app and the recovery codes, answered here and never again; an earlier one that was never
 * turned on is replaced. It asks nothing of anybody until `turnOnSecondFactor`, within a quarter of an hour. Throws `invalid_request` for a wrong
 * password, and `conflict` where a second factor is on.
 */
export async function beginSecondFactor(
  ctx: Pick<Context, "db" | "vault" | "clock">,
  input: { userId: string; email: string; current: string },
): Promise<NewSecondFactor> {
  const { userId, email } = input;
  const proved = await requireOwnPassword(ctx, input);
  const secret = newTotpSecret();
  const { codes, hashes } = newRecoveryCodes();
  const sealed = ctx.vault.sealText(totpBinding(userId), secret);
  await ctx.db.$transaction(async (tx) => {
    await lockProved(tx, proved);
    await tx.secondFactor.deleteMany({ where: { userId, confirmedAt: null } });
    const { count } = await tx.secondFactor.createMany({
      data: { userId, ...sealed, createdAt: ctx.clock() },
      skipDuplicates: true,
    });
    if (count === 0)
      throw new DomainError("conflict", "Your second factor is on. Turn it off before you make another.");
    await tx.recoveryCode.createMany({ data: hashes.map((codeHash) => ({ userId, codeHash })) });
  });
  return { secret, address: totpAddress(secret, email), recoveryCodes: codes };
}
