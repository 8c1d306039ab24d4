import type { Actor, MemberActor } from "../access/actor";
import { DomainError } from "../errors";

/** For what is a person's own. Throws `forbidden` to a token and to Latchkey itself. */
export function requireMember(actor: Actor): MemberActor {
  if (actor.kind === "member") return actor;
  throw new DomainError("forbidden", "This is for signed-in members: tokens have no mailbox.");
}
