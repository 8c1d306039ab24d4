import type { Actor } from "../access/actor";
import { requirePermission } from "../access/permissions";

/** An import makes repositories and credentials. Throws as `requirePermission`. */
export function requireImporter(actor: Actor): void {
  requirePermission(actor, "repository:write");
  requirePermission(actor, "credential:write");
}
