import type { Context } from "../context";
import { adoptAnswers } from "./adopt-answers";
import { askRenewal } from "./ask-renewal";
import { beginRenewals } from "./begin-renewals";
import { settleRenewals } from "./settle-renewals";

/** What came of one turn. */
export interface RenewalsTurn {
  /** The ends of those that were asked for. */
  asked: Awaited<ReturnType<typeof askRenewal>>[];
  /** Answers on this machine's disk that cannot be stored in this database. */
  left: number;
}

const KEPT_DAYS = 90;
const DAY_MS = 24 * 60 * 60 * 1000;

/**
 * Brings what was cut off to its end, then renews the tokens whose turn has come; their hosts are asked side by side. Once
 * the signal aborts no host is asked to renew one any more; the answer of one that was asked is waited for.
 */
export async function renewTokens(
  ctx: Omit<Context, "actor">,
  folder: string,
  signal: AbortSignal,
): Promise<RenewalsTurn> {
  const left = await adoptAnswers(ctx, folder);
  await settleRenewals(ctx, signal);
  const before = new Date(ctx.clock().getTime() - KEPT_DAYS * DAY_MS);
  await ctx.db.renewal.deleteMany({ where: { endedAt: { lt: before } } });
  const begun = signal.aborted ? [] : await beginRenewals(ctx);
  const ends = await Promise.allSettled(begun.map((renewal) => askRenewal(ctx, { folder, signal }, renewal)));
  const failed = ends.find(({ status }) => status === "rejected");
  if (failed) throw (failed as PromiseRejectedResult).reason;
  return { left, asked: ends.flatMap((end) => (end.status === "fulfilled" ? end.value : [])) };
}
