import type { Context } from "../context";
import { lockProved } from "../members/lock-user";
import { requireOwnPassword } from "../members/password";
import { recordOwnAct } from "../members/record-own-act";
import { findProof, useProof } from "./proof";
import { newRecoveryCodes } from "./recovery-codes";

/**
 * Fresh recovery codes for the password and a code, answered here and never again; the ones before are worthless. Throws
 * `invalid_request` for a wrong password and for a wrong code, as any is where no second factor is on.
 */
export async function renewRecoveryCodes(
  ctx: Pick<Context, "db" | "vault" | "clock" | "requestId" | "address">,
  input: { userId: string; current: string; code: string },
): Promise<{ recoveryCodes: string[] }> {
  const { userId } = input;
  const proved = await requireOwnPassword(ctx, input);
  const proof = await findProof(ctx, input);
  const { codes, hashes } = newRecoveryCodes();
  await ctx.db.$transaction(async (tx) => {
    await lockProved(tx, proved);
    await useProof(tx, ctx, { userId, proof });
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
