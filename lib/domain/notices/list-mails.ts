import type { MailReason, MailRow } from "@/lib/contract/notices";
import { may, requirePermission } from "../access/permissions";
import type { Context } from "../context";
import { requireMember } from "./require-member";

/**
 * One numbered page of what was sent by mail, newest first, and how much there is: of the whole organization for owners
 * and admins, and their own for viewers.
 */
export async function listMails(
  ctx: Context,
  { page, pageSize }: { page: number; pageSize: number },
): Promise<{ rows: MailRow[]; total: number }> {
  requirePermission(ctx.actor, "notice:choose");
  const { organizationId, userId } = requireMember(ctx.actor);
  const where = may(ctx.actor, "notice:read") ? { organizationId } : { organizationId, userId };
  const [total, rows] = await Promise.all([
    ctx.db.mailDelivery.count({ where }),
    ctx.db.mailDelivery.findMany({
      where,
      orderBy: [{ createdAt: "desc" }, { id: "desc" }],
      skip: (page - 1) * pageSize,
      take: pageSize,
      select: {
        id: true,
        event: true,
        subject: true,
        createdAt: true,
        state: true,
        attempts: true,
        lastAttemptAt: true,
        reason: true,
        membership: { select: { user: { select: { email: true } } } },
      },
    }),
  ]);
  return {
    rows: rows.map(({ membership, reason, ...row }) => ({
      ...row,
      email: membership.user.email,
      reason: reason as MailReason | null,
    })),
    total,
  };
}
