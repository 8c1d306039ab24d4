import type { Context } from "../context";
import { hashLinkToken } from "./link-token";

/** The organization that a link has let its user into already; null for anybody else's, and once they are no member there. */
export async function findJoined(
  ctx: Pick<Context, "db">,
  { token, userId, email }: { token: string; userId: string; email: string },
): Promise<{ organization: string } | null> {
  const row = await ctx.db.invitation.findFirst({
    where: {
      tokenHash: hashLinkToken(token),
      email,
      acceptedAt: { not: null },
      organization: { memberships: { some: { userId } } },
    },
    select: { organization: { select: { slug: true } } },
  });
  return row && { organization: row.organization.slug };
}
