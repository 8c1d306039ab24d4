import type { Context } from "../context";
import { withOpenSecret } from "../credentials/open-secret";
import { DomainError } from "../errors";
import { rotationBinding } from "../rotations/rotation-binding";
import { renewToken, type RenewedToken } from "../upstream/renew-token";
import { removeAnswer, writeAnswer } from "./answer-file";
import { asRenewal, type BegunRenewal } from "./as-renewal";
import { endRenewal } from "./end-renewal";
import { findRenewing } from "./find-renewing";
import { keepRenewed } from "./keep-renewed";

/**
 * Asks the host of a renewal that was begun. A new token is sealed, then on this machine's disk, then in the database,
 * with nothing in between; an answer that is not known leaves the renewal open, for `settleRenewals` to look into.
 */
export async function askRenewal(
  base: Omit<Context, "actor">,
  { folder, signal }: { folder: string; signal: AbortSignal },
  renewal: BegunRenewal,
): Promise<"renewed" | "refused" | "rejected" | "unreachable" | "unknown" | "not asked"> {
  const ctx = asRenewal(base, renewal);
  try {
    const credential = await findRenewing(ctx, renewal);
    const { host } = credential.upstream;
    return await withOpenSecret(ctx, credential, async ({ password }) => {
      const answer = await renewToken(ctx.upstream, host, { token: password, now: ctx.clock(), signal });
      if (answer.outcome === "renewed") await keep(ctx, folder, { ...renewal, host }, answer);
      else if (answer.outcome === "not asked") await forget(ctx, renewal);
      else if (answer.outcome !== "unknown") await endRenewal(ctx, renewal, credential, answer.outcome);
      return answer.outcome;
    });
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    // Removed, rotated, moved or found unreadable since it was begun: its host has not been asked.
    await forget(ctx, renewal);
    return "not asked";
  }
}

/** Its host has not been asked, so it may be begun anew. */
async function forget({ db }: Context, { id }: BegunRenewal): Promise<void> {
  await db.renewal.deleteMany({ where: { id, endedAt: null } });
}

async function keep(
  ctx: Context,
  folder: string,
  { id, organizationId, host }: BegunRenewal,
  { token, expiresAt, release }: RenewedToken & { release: () => void },
): Promise<void> {
  try {
    const sealed = ctx.vault.sealText(rotationBinding({ organizationId, id, host }), token);
    // A disk that is full must not keep the token from the database.
    await writeAnswer(folder, { id, sealed, expiresAt }).catch(() => undefined);
    if (await keepRenewed(ctx, { id, sealed, expiresAt })) await removeAnswer(folder, id);
  } finally {
    release();
  }
}
