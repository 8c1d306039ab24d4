import { requirePermission } from "../access/permissions";
import type { Context } from "../context";

/** More people than any organization gives access to its credentials: members, and those who are invited. */
export const MAX_MEMBERS = 500;

/** The organization's members, oldest first, and its open invitations, newest first. */
export async function listMembers(ctx: Context) {
  requirePermission(ctx.actor, "member:read");
  const { organizationId } = ctx.actor;
  const [members, invitations] = await Promise.all([
    ctx.db.membership.findMany({
      where: { organizationId },
      orderBy: [{ createdAt: "asc" }, { userId: "asc" }],
      take: MAX_MEMBERS,
      select: { userId: true, role: true, createdAt: true, user: { select: { email: true } } },
    }),
    ctx.db.invitation.findMany({
      where: { organizationId, acceptedAt: null, expiresAt: { gt: ctx.clock() } },
      orderBy: [{ createdAt: "desc" }],
      take: MAX_MEMBERS,
      select: { id: true, email: true, role: true, invitedBy: true, expiresAt: true },
    }),
  ]);
  return {
    members: members.map(({ user, ...member }) => ({ ...member, email: user.email })),
    invitations,
  };
}
