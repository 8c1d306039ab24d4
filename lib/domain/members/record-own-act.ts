import { recordAudit } from "../audit/record-audit";
import type { AuditEvent } from "../audit/audit-event";
import type { Context, Transaction } from "../context";

interface Doer {
  userId: string;
  /** Who did it where it was not the user: "reset link". */
  system?: string;
}

/** Says what was done to a user's account in the audit log of every organization that they are in. */
export async function recordOwnAct(
  tx: Transaction,
  ctx: Pick<Context, "clock" | "requestId" | "address">,
  { userId, system }: Doer,
  event: (email: string) => AuditEvent,
): Promise<void> {
  const { email, memberships } = await tx.user.findUniqueOrThrow({
    where: { id: userId },
    select: {
      email: true,
      // Always in the same order, so that two such changes cannot wait for each other's chains.
      memberships: {
        orderBy: { organizationId: "asc" },
        select: { role: true, organization: { select: { id: true, slug: true } } },
      },
    },
  });
  for (const { role, organization } of memberships) {
    const place = { organizationId: organization.id, organizationSlug: organization.slug };
    const actor =
      system === undefined
        ? ({ kind: "member", userId, email, role, ...place } as const)
        : ({ kind: "system", name: system, ...place } as const);
    await recordAudit(tx, { ...ctx, actor }, event(email));
  }
}
