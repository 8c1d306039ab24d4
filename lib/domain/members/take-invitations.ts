import { sqltag as sql } from "@prisma/client/runtime/client";
import type { Role } from "@/lib/platform/prisma-client/enums";
import { lockChains } from "../audit/lock-chains";
import { recordAudit } from "../audit/record-audit";
import type { Context, Transaction } from "../context";

interface Taken {
  organization_id: string;
  slug: string;
  role: Role;
}

/**
 * Accepts every open invitation of a user's own address: each is taken once, whoever else accepts it at that moment.
 * Answers whether there was one. Only for a user who is in no organization: what is recorded of them afterwards then goes
 * to the same chains as this, so that all are waited for in one order.
 */
export async function takeInvitations(
  tx: Transaction,
  ctx: Pick<Context, "clock" | "requestId" | "address">,
  { userId, email }: { userId: string; email: string },
): Promise<boolean> {
  const now = ctx.clock();
  const taken = await tx.$queryRaw<Taken[]>(sql`
    UPDATE invitation i SET accepted_at = ${now}::timestamptz
    FROM organization o, "user" u
    WHERE i.email = ${email} AND i.accepted_at IS NULL AND i.expires_at > ${now}::timestamptz
      AND o.id = i.organization_id AND u.id = ${userId} AND u.email = i.email
    RETURNING i.organization_id, o.slug, i.role::text AS role`);
  if (taken.length === 0) return false;
  await lockChains(
    tx,
    taken.map((invitation) => invitation.organization_id),
  );
  for (const { organization_id: organizationId, slug, role } of taken) {
    const { count } = await tx.membership.createMany({
      data: { organizationId, userId, role, createdAt: now },
      skipDuplicates: true,
    });
    if (count === 0) continue;
    const actor = { kind: "member", userId, email, role, organizationId, organizationSlug: slug } as const;
    await recordAudit(tx, { ...ctx, actor }, { action: "member.joined", targetId: userId, details: { email, role } });
  }
  return taken.length > 0;
}
