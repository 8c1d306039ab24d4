import type { Role } from "@/lib/platform/prisma-client/enums";
import type { Context } from "../context";
import { hashLinkToken } from "./link-token";

export interface OpenInvitation {
  id: string;
  organizationId: string;
  organizationSlug: string;
  email: string;
  role: Role;
  /** The user with the invited address, where there is one; no page tells anybody else. */
  userId: string | null;
}

/** The invitation that a link's token opens; null where it was used, withdrawn or has expired. */
export async function findInvitation(
  ctx: Pick<Context, "db" | "clock">,
  token: string,
): Promise<OpenInvitation | null> {
  const row = await ctx.db.invitation.findFirst({
    where: { tokenHash: hashLinkToken(token), acceptedAt: null, expiresAt: { gt: ctx.clock() } },
    select: { id: true, email: true, role: true, organization: { select: { id: true, slug: true } } },
  });
  if (!row) return null;
  const user = await ctx.db.user.findUnique({ where: { email: row.email }, select: { id: true } });
  const { id, email, role, organization } = row;
  return {
    id,
    email,
    role,
    organizationId: organization.id,
    organizationSlug: organization.slug,
    userId: user?.id ?? null,
  };
}
