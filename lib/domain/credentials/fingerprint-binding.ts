import type { SealBinding } from "../vault/envelope";

/** What the key of an organization's fingerprints is sealed to. */
export function fingerprintBinding(organizationId: string): SealBinding {
  return ["fingerprint", organizationId];
}
