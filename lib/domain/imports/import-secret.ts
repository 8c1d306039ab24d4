import type { Context } from "../context";
import { DomainError } from "../errors";
import { openSealed, type SealedSecret } from "../vault/envelope";
import type { Secret } from "../vault/vault";
import { importBinding } from "./import-binding";

/** The sign-in of a line that waits for its turn. Throws `credential_unreadable` where it does not open. */
export function openImportSecret(
  { vault }: Pick<Context, "vault">,
  bound: Parameters<typeof importBinding>[0],
  sealed: SealedSecret,
): Secret {
  try {
    const plaintext = openSealed(vault.keyRing, importBinding(bound), sealed);
    const secret = JSON.parse(plaintext.toString("utf8")) as Secret;
    plaintext.fill(0);
    return secret;
  } catch {
    throw new DomainError("credential_unreadable", "This line's secret cannot be opened any more. Import it again.");
  }
}
