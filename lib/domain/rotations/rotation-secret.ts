import type { Context } from "../context";
import { DomainError } from "../errors";
import { openSealed, type SealedSecret } from "../vault/envelope";
import { rotationBinding } from "./rotation-binding";

/** The new secret of a rotation that runs. Throws `credential_unreadable` where it does not open. */
export function openRotationSecret(
  { vault }: Pick<Context, "vault">,
  rotation: SealedSecret & { organizationId: string; id: string; host: string },
): string {
  try {
    return openSealed(vault.keyRing, rotationBinding(rotation), rotation).toString("utf8");
  } catch {
    throw new DomainError("credential_unreadable", "The new secret of this rotation cannot be opened. Start it again.");
  }
}
