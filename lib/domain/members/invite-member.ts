import type { Role } from "@/lib/platform/prisma-client/enums";
import { requirePermission } from "../access/permissions";
import { actorName } from "../access/actor";
import { recordAudit } from "../audit/record-audit";
import type { Context } from "../context";
import { DomainError } from "../errors";
import { newId } from "../new-id";
import { actorNow } from "./actor-now";
import { MAX_MEMBERS } from "./list-members";
import { newLinkToken } from "./link-token";
import { lockMembers } from "./lock-members";
import { requireOwnerFor } from "./owner-rule";

const LIFETIME_MS = 7 * 24 * 60 * 60 * 1000;

/**
 * Makes a link that lets one person join, good once and for seven days; an earlier one for the same address ends.
 * The token is answered here and never again. Throws `conflict` for somebody who is a member already, and where the
 * organization has as many members and open invitations as it can have.
 */
export async function inviteMember(ctx: Context, input: { email: string; role: Role }): Promise<{ token: string }> {
  requirePermission(ctx.actor, "member:write");
  const { organizationId } = ctx.actor;
  const { email, role } = input;
  const id = newId("inv");
  const { token, tokenHash } = newLinkToken();
  await ctx.db.$transaction(async (tx) => {
    await lockMembers(tx, organizationId);
    const actor = await actorNow(tx, ctx.actor);
    requirePermission(actor, "member:write");
    requireOwnerFor(actor, role);
    const member = await tx.membership.findFirst({
      where: { organizationId, user: { email } },
      select: { role: true },
    });
    if (member) {
      const message = `${email} is a member already.`;
      throw new DomainError("conflict", message, { fields: { email: message } });
    }
    await tx.invitation.deleteMany({ where: { organizationId, email, acceptedAt: null } });
    const createdAt = ctx.clock();
    const members = await tx.membership.count({ where: { organizationId } });
    const open = { organizationId, acceptedAt: null, expiresAt: { gt: createdAt } };
    if (members + (await tx.invitation.count({ where: open })) >= MAX_MEMBERS) {
      throw new DomainError(
        "conflict",
        `An organization has at most ${MAX_MEMBERS} members and open invitations. Remove or withdraw one first.`,
      );
    }
    const expiresAt = new Date(createdAt.getTime() + LIFETIME_MS);
    const by = { invitedBy: actorName(actor), invitedById: actor.kind === "member" ? actor.userId : null };
    await tx.invitation.create({
      data: { id, organizationId, email, role, tokenHash, ...by, createdAt, expiresAt },
    });
    await recordAudit(tx, ctx, { action: "member.invited", targetId: id, details: { email, role } });
  });
  return { token };
}
