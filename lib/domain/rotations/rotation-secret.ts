import { recordAudit } from "../audit/record-audit";
import type { Context } from "../context";
import { DomainError } from "../errors";
import { openSealed, type SealedSecret } from "../vault/envelope";
import { rotationBinding } from "./rotation-binding";

/** The new secret of a rotation that runs. One that does not open is recorded and thrown as `credential_unreadable`. */
export async function openRotationSecret(
  ctx: Context,
  rotation: SealedSecret & { organizationId: string; id: string; host: string },
): Promise<string> {
  try {
    return openSealed(ctx.vault.keyRing, rotationBinding(rotation), rotation).toString("utf8");
  } catch {
    const { id: targetId, host } = rotation;
    await ctx.db.$transaction((tx) =>
      recordAudit(tx, ctx, { action: "rotation.unreadable", targetId, details: { host } }),
    );
    throw new DomainError("credential_unreadable", "The new secret of this rotation cannot be opened. Start it again.");
  }
}
