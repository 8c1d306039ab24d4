import type { Context } from "../context";
import { verifyChain, type ChainState } from "./verify-chain";

/** Verifies an organization's chain, and keeps what was found for its audit page. */
export async function checkChain(
  { db, clock }: Pick<Context, "db" | "clock">,
  organizationId: string,
): Promise<ChainState> {
  const state = await verifyChain(db, organizationId);
  const found = {
    checkedAt: clock(),
    events: state.events,
    brokenSeq: state.broken?.seq ?? null,
    brokenWhy: state.broken?.why ?? null,
  };
  await db.auditCheck.upsert({ where: { organizationId }, create: { organizationId, ...found }, update: found });
  return state;
}
