import type { Context } from "../context";
import { DomainError } from "../errors";
import { removeSecondFactor } from "../second-factor/remove-second-factor";
import { outdateProofs } from "../sessions/outdate-proofs";
import { useOneTimeLink } from "./one-time-link";
import { hashPassword } from "./password";
import { recordOwnAct } from "./record-own-act";
import { replacePassword } from "./replace-password";

const BY = "reset link";

/**
 * Sets a new password by a reset link and ends every session of the user; their second factor is turned off and the
 * identity provider's link undone, so that somebody who lost them gets in. Throws `not_found` for a link no longer good.
 */
export async function resetPassword(
  ctx: Pick<Context, "db" | "clock" | "requestId" | "address">,
  input: { token: string; password: string },
): Promise<{ userId: string }> {
  const passwordHash = await hashPassword(input.password);
  return ctx.db.$transaction(async (tx) => {
    const { userId } = await useOneTimeLink(tx, ctx, "reset", input.token);
    if (!userId) throw new DomainError("not_found", "This link belongs to nobody.");
    await outdateProofs(tx, userId);
    await replacePassword(tx, ctx, { userId, passwordHash, system: BY });
    await removeSecondFactor(tx, ctx, { userId, system: BY });
    const links = await tx.identity.findMany({ where: { userId }, orderBy: { issuer: "asc" } });
    await tx.identity.deleteMany({ where: { userId } });
    for (const { issuer } of links) {
      await recordOwnAct(tx, ctx, { userId, system: BY }, (email) => ({
        action: "member.identity_unlinked",
        targetId: userId,
        details: { email, issuer },
      }));
    }
    return { userId };
  });
}
