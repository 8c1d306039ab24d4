import { sqltag as sql } from "@prisma/client/runtime/client";
import { requirePermission } from "../access/permissions";
import { auditCall } from "../audit/record-audit";
import type { Context } from "../context";
import { DomainError } from "../errors";
import type { TestOutcome } from "@/lib/contract/test-outcome";
import type { Provider } from "@/lib/platform/prisma-client/enums";
import { probe, type TestResult } from "../upstream/probe";
import { inTestLine } from "../upstream/test-line";
import { keepCanonicalPath } from "../upstream/canonical-path";
import { announceRejected } from "../webhooks/announce-rejected";
import { findCredential, type FoundCredential } from "./find-credential";
import { withOpenSecret } from "./open-secret";
import { TEST_COLUMNS, testValues } from "./test-columns";

const ATTEMPTS = 5;

export interface TestedCredential extends TestResult {
  id: string;
  host: string;
  provider: Provider;
  testedAt: Date;
}

/**
 * Tests the stored secret against the stored upstream and keeps the result. Where the secret was replaced meanwhile the
 * new one is tested. Throws as `findCredential`, `withOpenSecret` and `inTestLine`; `busy` where it is replaced again and
 * again.
 */
export async function testCredential(
  ctx: Context,
  { id, repositoryId }: { id: string; repositoryId?: string },
): Promise<TestedCredential> {
  requirePermission(ctx.actor, "credential:write");
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const credential = await findCredential(ctx, id, repositoryId);
    const { version, upstream } = credential;
    const result = await inTestLine(ctx.actor.organizationId, () => probeStored(ctx, credential));
    if (!result) continue;
    const testedAt = ctx.clock();
    const audit = auditCall(ctx, {
      action: "credential.tested",
      targetId: id,
      repositoryId: credential.repositoryId,
      details: { repository: credential.repositoryName, version, outcome: result.outcome },
    });
    const kept = await ctx.db.$transaction(async (tx) => {
      const [row] = await tx.$queryRaw<{ before: TestOutcome | null }[]>(sql`
        WITH found AS (
          SELECT id, test_outcome FROM git_credential WHERE id = ${id} AND current_version = ${version} FOR UPDATE
        ), credential AS (
          UPDATE git_credential SET (${TEST_COLUMNS}) = ROW(${testValues(result, testedAt, sql`git_credential.expires_at`)})
          FROM found WHERE git_credential.id = found.id
          RETURNING found.test_outcome
        )
        SELECT test_outcome::text AS before, ${audit} AS seq FROM credential`);
      if (result.outcome === "rejected" && row && row.before !== "rejected") {
        const repository = { id: credential.repositoryId, name: credential.repositoryName };
        await announceRejected(tx, ctx, { credentialId: id, repository, upstream });
      }
      return row !== undefined;
    });
    if (kept) {
      await keepCanonicalPath(ctx.db, credential.repositoryId, upstream, result.canonicalPath);
      return { ...result, id, host: upstream.host, provider: upstream.provider, testedAt };
    }
  }
  throw new DomainError("busy", "This credential is being rotated by others at the same time. Try again.", {
    retryAfter: 1,
  });
}

/** Undefined where the version that was found is gone by now. */
async function probeStored(ctx: Context, credential: FoundCredential): Promise<TestResult | undefined> {
  try {
    return await withOpenSecret(ctx, credential, (secret) => probe(ctx.upstream, credential.upstream, secret));
  } catch (error) {
    if (error instanceof DomainError && error.code === "not_found") return undefined;
    throw error;
  }
}
