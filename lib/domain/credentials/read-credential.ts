import { requirePermission } from "../access/permissions";
import type { Context } from "../context";
import { readRepositoryView } from "../repositories/read-repository";
import type { RepositoryView } from "../repositories/repository-view";
import { credentialNotFound } from "./find-credential";

export type CredentialView = NonNullable<RepositoryView["credential"]> & { repositoryId: string };

/** What is known of a repository's credential, never the secret; null where there is none. */
export async function readCredential(ctx: Context, repository: string): Promise<CredentialView | null> {
  requirePermission(ctx.actor, "credential:read");
  const { id, credential } = await readRepositoryView(ctx, repository);
  return credential && { ...credential, repositoryId: id };
}

/** The same by the credential's id, which must be this repository's. */
export async function readCredentialById(ctx: Context, repository: string, id: string): Promise<CredentialView> {
  const credential = await readCredential(ctx, repository);
  if (credential?.id !== id) throw credentialNotFound();
  return credential;
}
