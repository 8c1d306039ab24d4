import { recordAudit } from "../audit/record-audit";
import type { Context, Transaction } from "../context";

interface Replacement {
  userId: string;
  passwordHash: string;
  /** A session that stays; every other one ends. */
  keepSessionId?: string;
  /** Who did it, for the audit log. */
  by: "member" | "reset link";
}

/** Sets a user's password, ends their sessions, and says so in the audit log of every organization they are in. */
export async function replacePassword(
  tx: Transaction,
  ctx: Pick<Context, "clock" | "requestId">,
  { userId, passwordHash, keepSessionId, by }: Replacement,
): Promise<void> {
  const user = await tx.user.update({
    where: { id: userId },
    data: { passwordHash },
    select: {
      email: true,
      // Always in the same order, so that two such changes cannot wait for each other's chains.
      memberships: {
        orderBy: { organizationId: "asc" },
        select: { role: true, organization: { select: { id: true, slug: true } } },
      },
    },
  });
  await tx.session.deleteMany({ where: { userId, ...(keepSessionId && { id: { not: keepSessionId } }) } });
  const { email } = user;
  for (const { role, organization } of user.memberships) {
    const place = { organizationId: organization.id, organizationSlug: organization.slug };
    const actor =
      by === "member"
        ? ({ kind: "member", userId, email, role, ...place } as const)
        : ({ kind: "system", name: by, ...place } as const);
    await recordAudit(
      tx,
      { ...ctx, actor },
      { action: "member.password_changed", targetId: userId, details: { email } },
    );
  }
}
