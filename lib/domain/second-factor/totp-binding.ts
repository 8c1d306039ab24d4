import type { SealBinding } from "../vault/envelope";

/** What the secret of a second factor is sealed to: under another user it does not open. */
export function totpBinding(userId: string): SealBinding {
  return ["second-factor", userId];
}
