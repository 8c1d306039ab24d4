import type { Context } from "../context";
import { withOpenSecret } from "../credentials/open-secret";
import { DomainError } from "../errors";
import { tokenLives } from "../upstream/renew-token";
import { asRenewal, type BegunRenewal } from "./as-renewal";
import { endRenewal } from "./end-renewal";
import { findRenewing } from "./find-renewing";

/** Longer than a renewal ever takes whose process lives. */
const OPEN_MS = 2 * 60_000;
const AT_ONCE = 20;

/**
 * Looks into renewals that were begun and have no end: their process died, or the host's answer was no answer. A host that
 * still takes the token has not renewed it, and is asked again later. One that does not has given a new one out that
 * nobody holds: that is said, and the host is not asked again, which it would take for a theft.
 */
export async function settleRenewals(base: Omit<Context, "actor">, signal: AbortSignal): Promise<void> {
  const open = await base.db.renewal.findMany({
    where: { endedAt: null, askedAt: { lt: new Date(base.clock().getTime() - OPEN_MS) } },
    orderBy: { askedAt: "asc" },
    take: AT_ONCE,
    include: { organization: { select: { slug: true } } },
  });
  await Promise.all(
    open.map(({ organization, ...renewal }) =>
      settle(base, { ...renewal, organizationSlug: organization.slug }, signal),
    ),
  );
}

async function settle(base: Omit<Context, "actor">, renewal: BegunRenewal, signal: AbortSignal): Promise<void> {
  const ctx = asRenewal(base, renewal);
  try {
    const credential = await findRenewing(ctx, renewal);
    await withOpenSecret(ctx, credential, async ({ password }) => {
      const lives = await tokenLives(ctx.upstream, credential.upstream.host, { token: password, signal });
      if (lives !== "unreachable") {
        await endRenewal(ctx, renewal, credential, lives === "yes" ? "unreachable" : "cut_off");
      }
    });
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    // Nobody can ask with a secret that is gone, and it is in use no more.
    await ctx.db.renewal.updateMany({
      where: { id: renewal.id, endedAt: null },
      data: { endedAt: ctx.clock(), outcome: "cut_off" },
    });
  }
}
