import type { Context } from "../context";
import { DomainError } from "../errors";
import { newLinkToken } from "./link-token";
import { recordOwnAct } from "./record-own-act";

const LIFETIME_MS = 60 * 60 * 1000;
const BY = "npm run admin";

/**
 * A token that lets a locked-out user set a new password, good once and for an hour; an earlier one ends, and every
 * organization that the user is in has it on record. Throws `not_found`.
 */
export async function issueResetLink(
  ctx: Pick<Context, "db" | "clock" | "requestId" | "address">,
  email: string,
): Promise<string> {
  const user = await ctx.db.user.findUnique({ where: { email }, select: { id: true } });
  if (!user) throw new DomainError("not_found", `Nobody signs in as ${email}.`);
  const { token, tokenHash } = newLinkToken();
  const expiresAt = new Date(ctx.clock().getTime() + LIFETIME_MS);
  await ctx.db.$transaction(async (tx) => {
    await tx.oneTimeLink.deleteMany({ where: { userId: user.id, purpose: "reset" } });
    await tx.oneTimeLink.create({ data: { tokenHash, purpose: "reset", userId: user.id, expiresAt } });
    await recordOwnAct(tx, ctx, { userId: user.id, system: BY }, () => ({
      action: "member.reset_link_issued",
      targetId: user.id,
      details: { email },
    }));
  });
  return token;
}
