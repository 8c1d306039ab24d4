import { parseKeyRing, type KeyRing } from "@/lib/domain/vault/key-ring";
import { env, masterKeysText } from "@/lib/platform/env";

/** The master keys as the service has them. Throws an Error for the operator where there are none. */
export function keysAtHand(): KeyRing {
  let text: string;
  try {
    text = masterKeysText();
  } catch {
    throw new Error(
      `There are no master keys here. Put your copy of them into ${env().LATCHKEY_DATA_DIR}/master-keys, or name it in LATCHKEY_MASTER_KEYS_FILE.`,
    );
  }
  return parseKeyRing(text);
}
