import { seal, type SealedSecret, type SealBinding } from "./envelope";
import type { KeyRing } from "./key-ring";

/** What a credential holds. Exists in memory only while it is sealed or used. */
export interface Secret {
  username: string | null;
  password: string;
}

/** Seals secrets. Opening is `openSecret`'s alone, so the vault that every verb sees cannot open. */
export interface Vault {
  /** The keys as they are now: asked anew for every use, since keys are added and retired meanwhile. */
  readonly keyRing: KeyRing;
  seal(binding: SealBinding, secret: Secret): SealedSecret;
  /** The same for a secret that is one text and no credential's. */
  sealText(binding: SealBinding, text: string): SealedSecret;
}

/** A vault over the master keys that `keyRing` answers. */
export function createVault(keyRing: () => KeyRing): Vault {
  const sealed = (binding: SealBinding, text: string) => {
    const plaintext = Buffer.from(text);
    const value = seal(keyRing(), binding, plaintext);
    plaintext.fill(0);
    return value;
  };
  return {
    get keyRing() {
      return keyRing();
    },
    seal: (binding, { username, password }) => sealed(binding, JSON.stringify({ username, password })),
    sealText: sealed,
  };
}
