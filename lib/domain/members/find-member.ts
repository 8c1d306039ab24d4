import type { Role } from "@/lib/platform/prisma-client/enums";
import type { Transaction } from "../context";
import { DomainError } from "../errors";

/** A member of the organization. Throws `not_found`. */
export async function findMember(
  tx: Transaction,
  organizationId: string,
  userId: string,
): Promise<{ email: string; role: Role }> {
  const row = await tx.membership.findFirst({
    where: { organizationId, userId },
    select: { role: true, user: { select: { email: true } } },
  });
  if (!row) throw new DomainError("not_found", "There is no such member in this organization.");
  return { email: row.user.email, role: row.role };
}
