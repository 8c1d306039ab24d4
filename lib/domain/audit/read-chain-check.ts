import type { ChainBreak, ChainCheck } from "@/lib/contract/audit-chain";
import { requirePermission } from "../access/permissions";
import type { Context } from "../context";

/** A check that takes longer than this is not waited for on the page. */
const PATIENCE_MS = 10 * 60 * 1000;

/** What the last check of the organization's chain found. */
export async function readChainCheck(ctx: Context): Promise<ChainCheck> {
  requirePermission(ctx.actor, "audit:read");
  const row = await ctx.db.auditCheck.findUnique({ where: { organizationId: ctx.actor.organizationId } });
  if (!row) return { checked: null, waiting: false };
  const { requestedAt, checkedAt, events, brokenSeq, brokenWhy, wholeSeq, wholeHash } = row;
  const asked = requestedAt?.getTime() ?? 0;
  const waiting = asked > (checkedAt?.getTime() ?? 0) && ctx.clock().getTime() - asked < PATIENCE_MS;
  const broken = brokenSeq === null ? null : { seq: Number(brokenSeq), why: brokenWhy as ChainBreak };
  const head = !broken && wholeSeq === events && wholeHash ? Buffer.from(wholeHash).toString("hex") : null;
  return { checked: checkedAt && { at: checkedAt, events: Number(events), broken, head }, waiting };
}
