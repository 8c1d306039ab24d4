import { requirePermission } from "../access/permissions";
import type { Context } from "../context";
import { recordAudit } from "./record-audit";
import type { AuditFilter } from "./list-audit-events";

const BATCH = 500;

/** An event with all that recomputing its hash needs: `hash` is SHA-256 of `prev_hash`, number, line end and payload. */
export interface ExportedEvent {
  seq: number;
  payload: string;
  prevHash: string;
  hash: string;
}

/**
 * Records the export and then yields the organization's events, oldest first, up to the export's own: a whole export ends
 * with it, so that one whose end is missing shows. Hashes are hexadecimal.
 */
export async function exportAudit(
  ctx: Context,
  input: AuditFilter & { format: "jsonl" | "csv" },
): Promise<AsyncGenerator<ExportedEvent>> {
  requirePermission(ctx.actor, "audit:read");
  const own = await ctx.db.$transaction((tx) =>
    recordAudit(tx, ctx, {
      action: "audit.exported",
      targetId: ctx.actor.organizationId,
      details: { format: input.format, action: input.action ?? null, actor: input.actor ?? null },
    }),
  );
  return readAll(ctx, input, own);
}

async function* readAll(ctx: Context, filter: AuditFilter, until: bigint): AsyncGenerator<ExportedEvent> {
  let after = 0n;
  for (;;) {
    const rows = await ctx.db.auditEvent.findMany({
      where: {
        organizationId: ctx.actor.organizationId,
        ...(filter.action && { action: filter.action }),
        ...(filter.actor && { actor: filter.actor }),
        seq: { gt: after, lte: until },
      },
      orderBy: { seq: "asc" },
      take: BATCH,
      select: { seq: true, payload: true, prevHash: true, hash: true },
    });
    for (const { seq, payload, prevHash, hash } of rows) {
      yield { seq: Number(seq), payload, prevHash: hex(prevHash), hash: hex(hash) };
    }
    if (rows.length < BATCH) return;
    after = rows.at(-1)!.seq;
  }
}

function hex(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString("hex");
}
