import type { OneTimeLinkPurpose } from "@/lib/platform/prisma-client/enums";
import type { Context, Transaction } from "../context";
import { DomainError } from "../errors";
import { hashLinkToken } from "./link-token";
import { lockUser } from "./lock-user";

/** Whether the link would still be taken; asking does not use it up. */
export async function oneTimeLinkIsGood(
  ctx: Pick<Context, "db" | "clock">,
  purpose: OneTimeLinkPurpose,
  token: string,
): Promise<boolean> {
  const link = await ctx.db.oneTimeLink.findFirst({
    where: { tokenHash: hashLinkToken(token), purpose, expiresAt: { gt: ctx.clock() } },
    select: { purpose: true },
  });
  return link !== null;
}

/** Uses a link up, and locks the user whose it is. Throws `not_found` for one that was used, has expired or never was. */
export async function useOneTimeLink(
  tx: Transaction,
  ctx: Pick<Context, "clock">,
  purpose: OneTimeLinkPurpose,
  token: string,
): Promise<{ userId: string | null }> {
  const tokenHash = hashLinkToken(token);
  const link = await tx.oneTimeLink.findFirst({
    where: { tokenHash, purpose, expiresAt: { gt: ctx.clock() } },
    select: { userId: true },
  });
  if (link?.userId) await lockUser(tx, link.userId);
  const { count } = await tx.oneTimeLink.deleteMany({ where: { tokenHash, purpose } });
  if (!link || count === 0) {
    throw new DomainError("not_found", "This link was used already, or has expired. Ask for a new one.");
  }
  return link;
}
