import type { Actor } from "../access/actor";
import { boundRepository } from "../repositories/find-repository";
import { DomainError } from "../errors";

/** A webhook hears of every repository. Throws `wrong_repository` to a token that is bound to one. */
export function requireWholeOrganization(actor: Actor): void {
  if (boundRepository(actor) === undefined) return;
  throw new DomainError(
    "wrong_repository",
    'This token is bound to one repository, and webhooks belong to the organization. Use one with "org" as its repo claim.',
  );
}
