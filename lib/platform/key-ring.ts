import { existsSync } from "node:fs";
import { parseKeyRing, type KeyRing } from "@/lib/domain/vault/key-ring";
import { masterKeysFile, masterKeysText } from "./env";

// The server and the code that Next has bundled are apart, and use the same keys.
const shared = globalThis as { latchkeyKeyRing?: KeyRing };

/** Takes up other keys for this process. */
export function setKeyRing(ring: KeyRing): void {
  shared.latchkeyKeyRing = ring;
}

/** The keys that this process works with. Throws as `parseKeyRing` does. */
export function keyRing(): KeyRing {
  shared.latchkeyKeyRing ??= configuredKeyRing();
  return shared.latchkeyKeyRing;
}

/** Whether there are any keys yet: before a first start none have been made. */
export function hasMasterKeys(): boolean {
  const file = masterKeysFile();
  return file === undefined || existsSync(file);
}

/** The keys as they are configured at this moment. Throws as `parseKeyRing` does. */
export function configuredKeyRing(): KeyRing {
  return parseKeyRing(masterKeysText());
}
