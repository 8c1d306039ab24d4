import type { SealBinding } from "../vault/envelope";

/** What a rotation's new secret is sealed to. */
export function rotationBinding(rotation: { organizationId: string; id: string; host: string }): SealBinding {
  return ["rotation", rotation.organizationId, rotation.id, rotation.host];
}
