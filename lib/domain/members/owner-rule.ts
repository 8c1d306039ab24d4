import type { Role } from "@/lib/platform/prisma-client/enums";
import type { Actor } from "../access/actor";
import { DomainError } from "../errors";

/** Only an owner makes or unmakes an owner. Throws `forbidden`. */
export function requireOwnerFor(actor: Actor, ...roles: Role[]): void {
  if (!roles.includes("owner") || actor.kind === "system") return;
  if (actor.kind === "member" && actor.role === "owner") return;
  throw new DomainError("forbidden", "Only an owner can add, change or remove an owner.");
}
