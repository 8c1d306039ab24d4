import type { Actor } from "./actor";
import { boundRepository } from "../repositories/find-repository";
import { DomainError } from "../errors";

/** For what concerns more than one repository. Throws `wrong_repository` to a token that is bound to one. */
export function requireWholeOrganization(actor: Actor): void {
  if (boundRepository(actor) === undefined) return;
  throw new DomainError(
    "wrong_repository",
    'This token is bound to one repository, and this concerns the organization. Use one with "org" as its repo claim.',
  );
}
