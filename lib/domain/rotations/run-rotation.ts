import pLimit from "p-limit";
import type { TestOutcome } from "@/lib/contract/test-outcome";
import type { Renewal } from "@/lib/platform/prisma-client/client";
import type { Context } from "../context";
import { fingerprintOf } from "../credentials/fingerprint";
import { rotateCredential } from "../credentials/rotate-credential";
import { takeRenewed } from "../renewals/take-renewed";
import { DomainError } from "../errors";
import { endRotation } from "./end-rotation";
import { openRotationSecret } from "./rotation-secret";

/** What the worker is told of a rotation. */
export interface RotationJob {
  rotationId: string;
}

export const AT_ONCE = 8;

interface ItemEnd {
  state: "rotated" | "kept" | "failed";
  outcome: TestOutcome | null;
  code: string | null;
}

/**
 * Goes on with a rotation where it stands, until each repository has an end, somebody cancels it, or the signal aborts.
 * A repository that has the new secret already, from a run that was killed, is not rotated a second time.
 */
export async function runRotation(
  base: Omit<Context, "actor">,
  { rotationId }: RotationJob,
  signal: AbortSignal,
): Promise<"finished" | "stopped"> {
  const rotation = await base.db.rotation.findUnique({
    where: { id: rotationId },
    include: { organization: { select: { id: true, slug: true } } },
  });
  if (!rotation || rotation.finishedAt) return "finished";
  const renewal = await base.db.renewal.findUnique({ where: { id: rotationId } });
  const { organization, requestedBy, requestedByUserId: userId, host, masterKeyId, sealed } = rotation;
  const ctx: Context = {
    ...base,
    actor: {
      kind: "system",
      name: renewal ? requestedBy : `rotation for ${requestedBy}`,
      onBehalfOf: { name: requestedBy, userId },
      organizationId: organization.id,
      organizationSlug: organization.slug,
    },
  };
  if (masterKeyId && sealed) {
    const secret = await openRotationSecret(ctx, { ...rotation, masterKeyId, sealed });
    const fingerprint = await fingerprintOf(ctx, host, secret);
    const items = await ctx.db.rotationItem.findMany({
      where: { rotationId, state: "waiting" },
      orderBy: { repositoryName: "asc" },
      select: { credentialId: true },
    });
    const limit = pLimit(AT_ONCE);
    const each = ({ credentialId }: { credentialId: string }) =>
      limit(async () => {
        if (signal.aborted || (await isCancelled(ctx, rotationId))) return;
        const end = await rotateOne(ctx, { id: credentialId, password: secret, host, fingerprint, renewal });
        await ctx.db.rotationItem.updateMany({
          where: { rotationId, credentialId, state: "waiting" },
          data: { ...end, at: ctx.clock() },
        });
      });
    await Promise.all(items.map(each));
  }
  if (signal.aborted) return "stopped";
  await endRotation(ctx, { rotationId, host, summary: !renewal });
  return "finished";
}

interface NewSecret {
  id: string;
  password: string;
  /** What the secret was sealed for. */
  host: string;
  fingerprint: Buffer | null;
  /** Where the host has renewed the token. */
  renewal: Renewal | null;
}

async function rotateOne(ctx: Context, { id, password, host, fingerprint, renewal }: NewSecret): Promise<ItemEnd> {
  const known = await ctx.db.gitCredential.findUnique({ where: { id }, select: { fingerprint: true } });
  if (fingerprint && known?.fingerprint && fingerprint.equals(known.fingerprint)) {
    return { state: "rotated", outcome: null, code: null };
  }
  try {
    if (renewal) return await renewOne(ctx, { id, password, host, renewal });
    await rotateCredential(ctx, { id, password, host, test: "required" });
    return { state: "rotated", outcome: null, code: null };
  } catch (error) {
    if (!(error instanceof DomainError)) throw error;
    const { code, details } = error;
    if (code === "credential_refused") return { state: "kept", outcome: details.outcome ?? null, code };
    return { state: "failed", outcome: null, code };
  }
}

async function renewOne(
  ctx: Context,
  { renewal, ...input }: { id: string; password: string; host: string; renewal: Renewal },
): Promise<ItemEnd> {
  const taken = await takeRenewed(ctx, { ...input, renewed: renewal.fingerprint, expiresAt: renewal.expiresAt });
  if (taken === "rejected") return { state: "kept", outcome: "rejected", code: "credential_refused" };
  if (taken === "replaced") return { state: "kept", outcome: null, code: "conflict" };
  return { state: "rotated", outcome: null, code: null };
}

async function isCancelled({ db }: Context, id: string): Promise<boolean> {
  return (await db.rotation.count({ where: { id, cancelledAt: { not: null } } })) > 0;
}
