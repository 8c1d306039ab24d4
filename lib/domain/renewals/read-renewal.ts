import { renewalDate, RENEWING_SCOPES, type RenewalOutcome, type RenewalRow } from "@/lib/contract/renewals";
import { requirePermission } from "../access/permissions";
import type { Context } from "../context";
import { credentialNotFound } from "../credentials/find-credential";

/** What a next attempt may change, so that it matters only while there is one. */
const ASKED_AGAIN: ReadonlySet<string> = new Set<RenewalOutcome>(["refused", "unreachable"]);

/** How it stands with the renewal of a credential's token. Throws `not_found`. */
export async function readRenewal(ctx: Context, credentialId: string): Promise<RenewalRow> {
  requirePermission(ctx.actor, "credential:read");
  const mine = { organizationId: ctx.actor.organizationId, deletedAt: null };
  const credential = await ctx.db.gitCredential.findFirst({
    where: { id: credentialId, repository: mine },
    select: {
      renews: true,
      currentVersion: true,
      createdAt: true,
      rotatedAt: true,
      expiresAt: true,
      tokenScopes: true,
      fingerprint: true,
    },
  });
  if (!credential) throw credentialNotFound();
  const { renews: on, currentVersion: version, expiresAt, tokenScopes, fingerprint } = credential;
  const [last, other] = await Promise.all([
    ctx.db.renewal.findFirst({
      where: { credentialId, version, endedAt: { not: null } },
      orderBy: { askedAt: "desc" },
      select: { outcome: true, endedAt: true },
    }),
    fingerprint &&
      ctx.db.gitCredential.findFirst({
        where: { fingerprint, renews: true, id: { not: credentialId }, repository: mine },
        select: { repository: { select: { name: true } } },
      }),
  ]);
  const since = credential.rotatedAt ?? credential.createdAt;
  const { outcome, endedAt: at } = last ?? {};
  return {
    on,
    possible:
      RENEWING_SCOPES.some((scope) => tokenScopes.includes(scope)) && expiresAt !== null && fingerprint !== null,
    nextAt: expiresAt !== null && expiresAt > ctx.clock() ? renewalDate({ since, expiresAt }) : null,
    together: other?.repository.name ?? null,
    failed: outcome && at && outcome !== "renewed" && (on || !ASKED_AGAIN.has(outcome)) ? { outcome, at } : null,
  };
}
