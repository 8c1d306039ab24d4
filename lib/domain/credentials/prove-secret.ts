import { outcomeSentence, REFUSED_OUTCOMES, type TestOutcome } from "@/lib/contract/test-outcome";
import { recordAudit } from "../audit/record-audit";
import type { Context } from "../context";
import { DomainError } from "../errors";
import { providerToWire } from "../repositories/provider-names";
import { probe, type ProbedUpstream, type TestResult } from "../upstream/probe";
import { inTestLine } from "../upstream/test-line";
import type { Secret } from "../vault/vault";

/**
 * Whether a new secret is tested against its upstream before it is saved: "required" saves only what is of use,
 * "skipped" was chosen in so many words and stands in the audit log, "none" is the API's documented default.
 */
export type TestWish = "required" | "skipped" | "none";

export interface SecretToProve {
  repository: { id: string; name: string };
  /** The credential whose secret it is to be; the repository where there is none yet. */
  targetId: string;
  upstream: ProbedUpstream;
  secret: Secret;
}

/**
 * Tests a secret that is not saved yet, where that is wished for; null where it is not. Throws `credential_refused`,
 * with the outcome, for one that is of no use; that is recorded. Throws as `inTestLine`.
 */
export async function proveSecret(
  ctx: Context,
  wish: TestWish,
  { repository, targetId, upstream, secret }: SecretToProve,
): Promise<TestResult | null> {
  if (wish !== "required") return null;
  const result = await inTestLine(ctx.actor.organizationId, () => probe(ctx.upstream, upstream, secret));
  const { outcome, reason } = result;
  if (!REFUSED_OUTCOMES.includes(outcome)) return result;
  const sentence = outcomeSentence(outcome, {
    reason,
    provider: providerToWire(upstream.provider),
    host: upstream.host,
  });
  throw await refusal(ctx, { repository, targetId, outcome, sentence });
}

/** What an outcome lets a mirror do; a public repository proves nothing, and so takes nothing away. */
const STRENGTH: Partial<Record<TestOutcome, number>> = { reads_only: 1, reads_and_writes: 2 };

/**
 * Throws `credential_refused` for a new secret that may do less than the current one was found to; that is recorded.
 * What is not known of the current one is not held against the new one.
 */
export async function refuseWeaker(
  ctx: Context,
  { repository, targetId, upstream }: SecretToProve,
  { current, result: { outcome } }: { current: TestOutcome | null; result: TestResult },
): Promise<void> {
  const [before, after] = [(current && STRENGTH[current]) ?? 0, STRENGTH[outcome]];
  if (after === undefined || after >= before) return;
  const sentence = `${upstream.host} lets it read but not write, and the current one may write. It stays in use.`;
  throw await refusal(ctx, { repository, targetId, outcome, sentence });
}

async function refusal(
  ctx: Context,
  found: Pick<SecretToProve, "repository" | "targetId"> & { outcome: TestOutcome; sentence: string },
): Promise<DomainError> {
  const { repository, targetId, outcome, sentence } = found;
  await ctx.db.$transaction((tx) =>
    recordAudit(tx, ctx, {
      action: "credential.refused",
      targetId,
      repositoryId: repository.id,
      details: { repository: repository.name, outcome },
    }),
  );
  return new DomainError("credential_refused", `Nothing was saved. ${sentence}`, { outcome });
}

/** How a save's test stands in the audit log. */
export function testInAudit(wish: TestWish, result: TestResult | null): TestResult["outcome"] | "skipped" | "none" {
  if (result) return result.outcome;
  return wish === "skipped" ? "skipped" : "none";
}
