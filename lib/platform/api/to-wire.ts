import type { CredentialReceipt } from "@/lib/domain/credentials/create-credential";
import type { CredentialView } from "@/lib/domain/credentials/read-credential";
import type { RepositoryView } from "@/lib/domain/repositories/repository-view";
import { providerToWire } from "@/lib/domain/repositories/provider-names";

/** Times on the wire have whole seconds, as in the contract. */
function toWireTime(date: Date): string {
  return date.toISOString().replace(/\.\d{3}Z$/, "Z");
}

export function receiptToWire({ id, createdAt }: CredentialReceipt) {
  return { id, created_at: toWireTime(createdAt) };
}

export function credentialToWire(credential: CredentialView) {
  return {
    id: credential.id,
    repo_id: credential.repositoryId,
    has_username: credential.hasUsername,
    version: credential.version,
    state: "not_tested" as const,
    created_at: toWireTime(credential.createdAt),
    rotated_at: credential.rotatedAt && toWireTime(credential.rotatedAt),
  };
}

export function repositoryToWire({ id, name, defaultBranch, createdAt, upstream }: RepositoryView) {
  return {
    repo_id: id,
    repo_name: name,
    url: name,
    default_branch: defaultBranch,
    created_at: toWireTime(createdAt),
    ...(upstream && {
      base_repo: { provider: providerToWire(upstream.provider), owner: upstream.owner, name: upstream.name },
    }),
  };
}
