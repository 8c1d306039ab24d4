import { scopeCovers, type Scope } from "@/lib/contract/scopes";
import type { Role } from "@/lib/platform/prisma-client/enums";
import type { Actor } from "./actor";
import { DomainError } from "../errors";

export type Permission =
  | "repository:list"
  | "repository:read"
  | "repository:write"
  | "repository:pull"
  | "credential:read"
  | "credential:write"
  | "signing-key:read"
  | "signing-key:write"
  | "member:read"
  | "member:write"
  | "organization:write"
  | "sign-in-rule:write"
  | "webhook:read"
  | "webhook:write"
  | "notice:choose"
  | "notice:read"
  | "audit:read";

const VIEWER: readonly Permission[] = [
  "repository:list",
  "repository:read",
  "credential:read",
  "signing-key:read",
  "member:read",
  // What one is told of oneself.
  "notice:choose",
];
const ADMIN: readonly Permission[] = [
  ...VIEWER,
  "repository:write",
  "repository:pull",
  "credential:write",
  "signing-key:write",
  "member:write",
  "organization:write",
  // A webhook's address may itself let its holder in somewhere, so viewers do not see it.
  "webhook:read",
  "webhook:write",
  // What was sent to everybody.
  "notice:read",
  "audit:read",
];

const OWNER: readonly Permission[] = [...ADMIN, "sign-in-rule:write"];

/** What each role may do. Who may make or unmake an owner is ruled by the member verbs on top of this. */
const ROLE_PERMISSIONS: Record<Role, readonly Permission[]> = { owner: OWNER, admin: ADMIN, viewer: VIEWER };

/** The scope a token needs; a permission that is absent here is not for tokens at all. */
const TOKEN_SCOPE: Partial<Record<Permission, Scope>> = {
  "repository:list": "org:read",
  "repository:read": "git:read",
  "repository:write": "repo:write",
  "repository:pull": "git:write",
  "credential:read": "git:read",
  "credential:write": "repo:write",
  "webhook:read": "org:read",
  "webhook:write": "repo:write",
};

/** Whether the actor may do this in its organization. */
export function may(actor: Actor, permission: Permission): boolean {
  switch (actor.kind) {
    case "member":
      return ROLE_PERMISSIONS[actor.role].includes(permission);
    case "token": {
      const scope = TOKEN_SCOPE[permission];
      return scope !== undefined && scopeCovers(actor.scopes, scope);
    }
    case "system":
      return true;
  }
}

/** The first beat of every verb. Throws `missing_scope` to a token and `forbidden` to a member. */
export function requirePermission(actor: Actor, permission: Permission): void {
  if (may(actor, permission)) return;
  if (actor.kind === "token") {
    throw new DomainError(
      "missing_scope",
      `This token lacks the scope "${TOKEN_SCOPE[permission] ?? "none"}" that this needs.`,
    );
  }
  throw new DomainError("forbidden", "Your role in this organization does not allow this. Ask an owner or an admin.");
}
