import { recordAudit } from "../audit/record-audit";
import type { Context } from "../context";
import { DomainError } from "../errors";
import { openSealed, type SealedSecret } from "../vault/envelope";
import type { Secret } from "../vault/vault";
import { importBinding } from "./import-binding";

/** The sign-in of a line that waits for its turn. One that does not open is recorded and thrown as `credential_unreadable`. */
export async function openImportSecret(
  ctx: Context,
  bound: Parameters<typeof importBinding>[0],
  sealed: SealedSecret,
): Promise<Secret> {
  try {
    const plaintext = openSealed(ctx.vault.keyRing, importBinding(bound), sealed);
    const secret = JSON.parse(plaintext.toString("utf8")) as Secret;
    plaintext.fill(0);
    return secret;
  } catch {
    const { importId: targetId, line, host } = bound;
    await ctx.db.$transaction((tx) =>
      recordAudit(tx, ctx, { action: "import.unreadable", targetId, details: { line, host } }),
    );
    throw new DomainError("credential_unreadable", "This line's secret cannot be opened any more. Import it again.");
  }
}
