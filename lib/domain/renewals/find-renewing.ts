import type { Context } from "../context";
import { findCredential, requireHost, type FoundCredential } from "../credentials/find-credential";
import { DomainError } from "../errors";
import type { BegunRenewal } from "./as-renewal";

/**
 * The credential that a renewal was begun for. Its secret goes to its own host, never to one that the renewal's row alone
 * names. Throws as `findCredential`, and `conflict` where it was rotated since, or is another host's.
 */
export async function findRenewing(
  ctx: Context,
  { credentialId, version, host }: BegunRenewal,
): Promise<FoundCredential> {
  const credential = await findCredential(ctx, credentialId);
  if (credential.version !== version) throw new DomainError("conflict", "It was rotated since.");
  requireHost(credential.upstream, host);
  return credential;
}
