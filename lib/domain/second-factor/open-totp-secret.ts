import type { Context } from "../context";
import { DomainError } from "../errors";
import { recordOwnAct } from "../members/record-own-act";
import { openSealed, type SealedSecret } from "../vault/envelope";
import { totpBinding } from "./totp-binding";

/**
 * The secret that a user's app makes codes from: the one place that opens it. One that does not open is recorded and
 * thrown as `credential_unreadable`; nothing is taken for a right code instead.
 */
export async function openTotpSecret(
  ctx: Pick<Context, "db" | "vault" | "clock" | "requestId" | "address">,
  userId: string,
  sealed: SealedSecret,
): Promise<string> {
  try {
    return openSealed(ctx.vault.keyRing, totpBinding(userId), sealed).toString("utf8");
  } catch {
    await ctx.db.$transaction((tx) =>
      recordOwnAct(tx, ctx, { userId }, (email) => ({
        action: "member.second_factor_unreadable",
        targetId: userId,
        details: { email },
      })),
    );
    throw new DomainError(
      "credential_unreadable",
      "Your second factor cannot be opened. Use a recovery code, or ask whoever operates this Latchkey for a reset link.",
    );
  }
}
