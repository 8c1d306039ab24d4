import type { SealBinding } from "../vault/envelope";

interface BoundCredential {
  organizationId: string;
  repositoryId: string;
  credentialId: string;
  version: number;
  /** `https://host[:port]` of the upstream that the secret was saved for. */
  upstreamOrigin: string;
}

/** What a credential's secret is sealed to: moved to another row, version or upstream, it does not open. */
export function secretBinding(bound: BoundCredential): SealBinding {
  return [bound.organizationId, bound.repositoryId, bound.credentialId, bound.version, bound.upstreamOrigin];
}
