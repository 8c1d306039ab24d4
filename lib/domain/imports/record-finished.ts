import type { ImportItemState } from "@/lib/contract/imports";
import { recordAudit } from "../audit/record-audit";
import type { Context, Transaction } from "../context";

/** Puts what came of an import into the audit log, inside the caller's transaction. */
export async function recordFinished(
  tx: Transaction,
  ctx: Context,
  id: string,
  of: (state: ImportItemState) => number,
): Promise<void> {
  await recordAudit(tx, ctx, {
    action: "import.finished",
    targetId: id,
    details: {
      imported: of("imported"),
      there: of("there"),
      without_credential: of("without_credential"),
      failed: of("failed"),
      cancelled: of("cancelled"),
    },
  });
}
