import { sqltag as sql } from "@prisma/client/runtime/client";
import type { Role } from "@/lib/platform/prisma-client/enums";
import { recordAudit } from "../audit/record-audit";
import type { Context, Transaction } from "../context";

const ABOVE: Record<Role, readonly Role[]> = { owner: [], admin: ["owner"], viewer: ["owner", "admin"] };

/**
 * Ends the open invitations that a member made: whoever made a link has seen it, and could let themselves in again. All
 * of them where the member is removed, and where they are demoted those that are for more than their new role.
 */
export async function withdrawInvitationsOf(
  tx: Transaction,
  ctx: Pick<Context, "actor" | "clock" | "requestId" | "address">,
  { userId, newRole }: { userId: string; newRole?: Role },
): Promise<void> {
  const roles = newRole ? ABOVE[newRole] : ["owner", "admin", "viewer"];
  const withdrawn = await tx.$queryRaw<{ id: string; email: string }[]>(sql`
    DELETE FROM invitation
    WHERE organization_id = ${ctx.actor.organizationId} AND invited_by_id = ${userId} AND accepted_at IS NULL
      AND expires_at > ${ctx.clock()}::timestamptz AND role::text = ANY(${roles})
    RETURNING id, email`);
  for (const { id, email } of withdrawn) {
    await recordAudit(tx, ctx, { action: "member.invitation_withdrawn", targetId: id, details: { email } });
  }
}
