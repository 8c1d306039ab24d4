import type { WebhookRow } from "@/lib/contract/webhooks";
import { outcomeSentence } from "@/lib/contract/test-outcome";
import type { CredentialReceipt } from "@/lib/domain/credentials/create-credential";
import type { CredentialView } from "@/lib/domain/credentials/read-credential";
import type { TestedCredential } from "@/lib/domain/credentials/test-credential";
import type { RotationView } from "@/lib/domain/rotations/read-rotation";
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
    state: credential.unreadableAt ? ("unreadable" as const) : (credential.test?.outcome ?? ("not_tested" as const)),
    tested_at: credential.test && toWireTime(credential.test.at),
    expires_at: credential.expiresAt && toWireTime(credential.expiresAt),
    created_at: toWireTime(credential.createdAt),
    rotated_at: credential.rotatedAt && toWireTime(credential.rotatedAt),
  };
}

export function testToWire({ id, outcome, reason, host, provider, testedAt, expiresAt, scopes }: TestedCredential) {
  return {
    id,
    outcome,
    message: outcomeSentence(outcome, { reason, provider: providerToWire(provider), host }),
    tested_at: toWireTime(testedAt),
    expires_at: expiresAt && toWireTime(expiresAt),
    scopes,
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

export function rotationToWire({ id, createdAt, finishedAt, cancelledAt, counts, items }: RotationView) {
  return {
    id,
    state: cancelledAt ? ("cancelled" as const) : finishedAt ? ("finished" as const) : ("running" as const),
    created_at: toWireTime(createdAt),
    finished_at: finishedAt && toWireTime(finishedAt),
    counts,
    repositories: items.map(({ repositoryName, credentialId, state, outcome }) => ({
      repo_name: repositoryName,
      credential_id: credentialId,
      state,
      outcome,
    })),
  };
}

export function webhookToWire({ id, format, url, events, createdAt, pausedAt }: WebhookRow) {
  return { id, format, url, events, created_at: toWireTime(createdAt), paused_at: pausedAt && toWireTime(pausedAt) };
}
