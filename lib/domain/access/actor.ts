import type { Scope } from "@/lib/contract/scopes";
import type { Role } from "@/lib/platform/prisma-client/enums";

/** Someone signed in to the dashboard, acting in one organization. */
export interface MemberActor {
  kind: "member";
  userId: string;
  email: string;
  organizationId: string;
  organizationSlug: string;
  role: Role;
}

/** A script: a verified token of one organization. */
export interface TokenActor {
  kind: "token";
  subject: string;
  /** The key that signed it. */
  signingKeyId: string;
  organizationId: string;
  organizationSlug: string;
  scopes: readonly Scope[];
  /** The `repo` claim: a repository's name or id, `"org"`, or absent. */
  repositoryClaim: string | undefined;
}

/** Latchkey itself: start-up, the bootstrap file, an operator's command. */
export interface SystemActor {
  kind: "system";
  name: string;
  /** Whose wish it carries out: the name that the audit log has, and the user's id where it is a member's. */
  onBehalfOf?: { name: string; userId: string | null };
  organizationId: string;
  organizationSlug: string;
}

export type Actor = MemberActor | TokenActor | SystemActor;

/** How an actor is named in the audit log. */
export function actorName(actor: Actor): string {
  switch (actor.kind) {
    case "member":
      return actor.email;
    case "token":
      return actor.subject;
    case "system":
      return actor.name;
  }
}

/** By whose wish it happens; null where it is nobody's but Latchkey's own. */
export function wisherName(actor: Actor): string | null {
  return actor.kind === "system" ? (actor.onBehalfOf?.name ?? null) : actorName(actor);
}

/** The member by whose wish it happens; null where it is no member's. What a token says of itself names nobody. */
export function wishingUser(actor: Actor): string | null {
  switch (actor.kind) {
    case "member":
      return actor.userId;
    case "token":
      return null;
    case "system":
      return actor.onBehalfOf?.userId ?? null;
  }
}
