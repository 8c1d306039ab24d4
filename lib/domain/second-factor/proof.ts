import type { Context, Transaction } from "../context";
import { DomainError } from "../errors";
import { recordOwnAct } from "../members/record-own-act";
import { openTotpSecret } from "./open-totp-secret";
import { hashRecoveryCode } from "./recovery-codes";
import { stepOfCode } from "./totp";

/** A code that is right, unless it was used already. */
export type Proof = { step: number } | { codeHash: string };

/** Whether this is a code of the app, and not a recovery code. */
export function isAppCode(code: string): boolean {
  return /^\d{6}$/.test(code.replace(/\s/g, ""));
}

/** Looks at a typed code, an app's or a recovery code. Throws `invalid_request` for a wrong one. */
export async function findProof(
  ctx: Pick<Context, "db" | "vault" | "clock" | "requestId" | "address">,
  { userId, code }: { userId: string; code: string },
): Promise<Proof> {
  if (!isAppCode(code)) return { codeHash: hashRecoveryCode(code) };
  const factor = await ctx.db.secondFactor.findFirst({
    where: { userId, confirmedAt: { not: null } },
    select: { masterKeyId: true, sealed: true },
  });
  if (!factor) throw wrongCode();
  const secret = await openTotpSecret(ctx, userId, factor);
  const step = stepOfCode(secret, code.replace(/\s/g, ""), ctx.clock());
  if (step === null) throw wrongCode();
  return { step };
}

/** Uses the code up, so that it is good once, whoever else sends it at the same moment. Throws `invalid_request`. */
export async function useProof(
  tx: Transaction,
  ctx: Pick<Context, "clock" | "requestId" | "address">,
  { userId, proof }: { userId: string; proof: Proof },
): Promise<void> {
  if ("step" in proof) {
    const { count } = await tx.secondFactor.updateMany({
      where: { userId, confirmedAt: { not: null }, OR: [{ lastStep: null }, { lastStep: { lt: proof.step } }] },
      data: { lastStep: proof.step },
    });
    if (count === 0) throw wrongCode();
    return;
  }
  const { count } = await tx.recoveryCode.deleteMany({
    where: { userId, codeHash: proof.codeHash, secondFactor: { confirmedAt: { not: null } } },
  });
  if (count === 0) throw wrongCode();
  const left = await tx.recoveryCode.count({ where: { userId } });
  await recordOwnAct(tx, ctx, { userId }, (email) => ({
    action: "member.recovery_code_used",
    targetId: userId,
    details: { email, left },
  }));
}

/** In the same words for a wrong code and for a used one. */
export function wrongCode(): DomainError {
  const message =
    "This code is wrong, or was used already. Wait for the app's next one, and check your device's clock.";
  return new DomainError("invalid_request", message, { fields: { code: message } });
}
