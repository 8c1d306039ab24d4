import type { Context } from "../context";
import { DomainError } from "../errors";
import { newLinkToken } from "./link-token";

const LIFETIME_MS = 60 * 60 * 1000;

/** A token that lets a locked-out user set a new password, good once and for an hour. Throws `not_found`. */
export async function issueResetLink(ctx: Pick<Context, "db" | "clock">, email: string): Promise<string> {
  const user = await ctx.db.user.findUnique({ where: { email }, select: { id: true } });
  if (!user) throw new DomainError("not_found", `Nobody signs in as ${email}.`);
  const { token, tokenHash } = newLinkToken();
  const expiresAt = new Date(ctx.clock().getTime() + LIFETIME_MS);
  await ctx.db.$transaction(async (tx) => {
    await tx.oneTimeLink.deleteMany({ where: { userId: user.id, purpose: "reset" } });
    await tx.oneTimeLink.create({ data: { tokenHash, purpose: "reset", userId: user.id, expiresAt } });
  });
  return token;
}
