import { sqltag as sql } from "@prisma/client/runtime/client";
import type { Transaction } from "../context";
import { DomainError } from "../errors";

/**
 * Orders changes of one organization's members: two owners who demote each other do not both succeed. What refers to the
 * organization goes on: who writes an audit row holds the chain's head already, which a change of members takes next.
 */
export async function lockMembers(tx: Transaction, organizationId: string): Promise<void> {
  await tx.$queryRaw(sql`SELECT id FROM organization WHERE id = ${organizationId} FOR NO KEY UPDATE`);
}

/** Throws `conflict` where nobody but this user owns the organization. */
export async function requireAnotherOwner(tx: Transaction, organizationId: string, userId: string): Promise<void> {
  const another = await tx.membership.findFirst({
    where: { organizationId, role: "owner", userId: { not: userId } },
    select: { userId: true },
  });
  if (!another) {
    throw new DomainError("conflict", "An organization needs an owner. Make somebody else an owner first.");
  }
}
