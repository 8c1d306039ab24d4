import { recordAudit } from "../audit/record-audit";
import type { Context } from "../context";
import { findCredential, requireHost, type FoundCredential } from "../credentials/find-credential";
import { fingerprintOf } from "../credentials/fingerprint";
import { makeCurrent } from "../credentials/make-current";
import { nextUsername } from "../credentials/rotate-credential";
import { stageSecret } from "../credentials/stage-secret";
import { resumePulls } from "../sync/resume-pulls";
import { keepCanonicalPath } from "../upstream/canonical-path";
import { probe, type TestResult } from "../upstream/probe";
import type { Secret } from "../vault/vault";
import { renewed } from "../webhooks/secret-events";

export interface RenewedSecret {
  id: string;
  password: string;
  /** Whose it is: it goes to no other. */
  host: string;
  /** The fingerprint of the token that was renewed. */
  renewed: Uint8Array;
  /** When the new one ends. */
  expiresAt: Date | null;
}

const ATTEMPTS = 100;

/**
 * Puts a renewed token in the place of the one that its host has ended, at one repository: staged, tested, and in use
 * whatever the test found, since the old one is of no use any more. Only where the host rejects the new one does it stay
 * pending, and the old one current. "replaced" where somebody has put another secret there meanwhile, which stays.
 * Throws as `findCredential`, `requireHost` and `withOpenSecret`.
 */
export async function takeRenewed(
  ctx: Context,
  { id, password, host, renewed, expiresAt }: RenewedSecret,
): Promise<"renewed" | "rejected" | "replaced"> {
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const credential = await findCredential(ctx, id);
    requireHost(credential.upstream, host);
    if (Buffer.compare(credential.fingerprint ?? Buffer.alloc(0), renewed) !== 0) return "replaced";
    const username = await nextUsername(ctx, credential, undefined);
    if (username === "overtaken") continue;
    const secret = { username: username.value, password };
    const version = await stageSecret(ctx, credential, { ...secret, expiresAt: expiresAt ?? undefined });
    if (version === undefined) continue;
    const tested = await probe(ctx.upstream, credential.upstream, secret);
    if (tested.outcome === "rejected") {
      await recordRejection(ctx, credential);
      return "rejected";
    }
    if (await putInPlace(ctx, credential, { version, secret, tested, expiresAt })) return "renewed";
  }
  throw new Error("A renewed token was overtaken again and again.");
}

async function putInPlace(
  ctx: Context,
  credential: FoundCredential,
  next: { version: number; secret: Secret; tested: TestResult; expiresAt: Date | null },
): Promise<boolean> {
  const { id, repositoryId, repositoryName, upstream, refusals } = credential;
  const { version, tested } = next;
  const fingerprint = await fingerprintOf(ctx, upstream.host, next.secret.password);
  const details = { repository: repositoryName, version, test: tested.outcome };
  const audit = { action: "credential.renewed", targetId: id, repositoryId, details } as const;
  const expiresAt = tested.expiresAt ?? next.expiresAt ?? undefined;
  const repository = { id: repositoryId, name: repositoryName };
  const announcement = renewed(ctx, { credentialId: id, repository, expiresAt });
  // The old one has ended: there is nothing to go back to.
  const withoutPrevious = { ...credential, keepDays: 0 };
  const taken = { ...next, sealed: null, audit, announcement, fingerprint, expiresAt };
  if (!(await makeCurrent(ctx, withoutPrevious, taken))) return false;
  await keepCanonicalPath(ctx.db, repositoryId, upstream, tested.canonicalPath);
  if (refusals > 0) await resumePulls(ctx, repository);
  return true;
}

async function recordRejection(ctx: Context, { id, repositoryId, repositoryName }: FoundCredential): Promise<void> {
  await ctx.db.$transaction((tx) =>
    recordAudit(tx, ctx, {
      action: "credential.refused",
      targetId: id,
      repositoryId,
      details: { repository: repositoryName, outcome: "rejected" },
    }),
  );
}
