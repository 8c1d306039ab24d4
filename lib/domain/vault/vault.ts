import { seal, type SealedSecret, type SecretBinding } from "./envelope";
import type { KeyRing } from "./key-ring";

/** What a credential holds. Exists in memory only while it is sealed or used. */
export interface Secret {
  username: string | null;
  password: string;
}

/** Seals secrets. Opening is `openSecret`'s alone, so the vault that every verb sees cannot open. */
export interface Vault {
  keyRing: KeyRing;
  seal(binding: SecretBinding, secret: Secret): SealedSecret;
}

/** A vault over the given master keys. */
export function createVault(keyRing: KeyRing): Vault {
  return {
    keyRing,
    seal(binding, { username, password }) {
      const plaintext = Buffer.from(JSON.stringify({ username, password }));
      const sealed = seal(keyRing, binding, plaintext);
      plaintext.fill(0);
      return sealed;
    },
  };
}
