import type { Actor } from "../access/actor";
import type { Transaction } from "../context";
import { DomainError } from "../errors";

/**
 * The actor with the role that they have by now: a change of members may have waited for the one that removed or demoted
 * whoever asked for it. Throws `forbidden` where they are no member any more.
 */
export async function actorNow(tx: Transaction, actor: Actor): Promise<Actor> {
  if (actor.kind !== "member") return actor;
  const { organizationId, userId } = actor;
  const membership = await tx.membership.findFirst({ where: { organizationId, userId }, select: { role: true } });
  if (!membership) throw new DomainError("forbidden", "You are not a member of this organization any more.");
  return { ...actor, role: membership.role };
}
