import { recordAudit } from "../audit/record-audit";
import type { Context } from "../context";
import { DomainError } from "../errors";
import type { OpenInvitation } from "./find-invitation";

/**
 * Uses an invitation up and makes its user a member; `passwordHash` is of somebody who is made by this. Throws `not_found`
 * where the invitation is no longer open.
 */
export async function joinByInvitation(
  ctx: Pick<Context, "db" | "clock" | "requestId" | "address">,
  invitation: OpenInvitation,
  { userId, passwordHash }: { userId: string; passwordHash?: string },
): Promise<void> {
  const { organizationId, organizationSlug, email, role } = invitation;
  await ctx.db.$transaction(async (tx) => {
    const { count } = await tx.invitation.updateMany({
      where: { id: invitation.id, acceptedAt: null },
      data: { acceptedAt: ctx.clock() },
    });
    if (count === 0) throw noLongerOpen();
    if (passwordHash) await tx.user.create({ data: { id: userId, email, passwordHash, createdAt: ctx.clock() } });
    await tx.membership.create({ data: { organizationId, userId, role, createdAt: ctx.clock() } });
    const actor = { kind: "member", userId, email, role, organizationId, organizationSlug } as const;
    await recordAudit(tx, { ...ctx, actor }, { action: "member.joined", targetId: userId, details: { email, role } });
  });
}

export function noLongerOpen(): DomainError {
  return new DomainError("not_found", "This invitation was used, withdrawn or has expired. Ask for a new one.");
}
