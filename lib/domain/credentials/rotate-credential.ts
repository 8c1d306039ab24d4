import { sqltag as sql } from "@prisma/client/runtime/client";
import { requirePermission } from "../access/permissions";
import { auditCall } from "../audit/record-audit";
import type { Context } from "../context";
import { DomainError } from "../errors";
import type { CredentialReceipt } from "./create-credential";
import { findCredential, bindingOf, type FoundCredential } from "./find-credential";
import { withOpenSecret } from "./open-secret";
import { resumePulls } from "../sync/resume-pulls";
import { keepCanonicalPath } from "../upstream/canonical-path";
import { proveSecret, testInAudit, type TestWish } from "./prove-secret";
import { TEST_COLUMNS, testValues } from "./test-columns";
import { usernameHint } from "./username-hint";
import type { TestResult } from "../upstream/probe";
import type { Secret } from "../vault/vault";

export interface RotateCredentialInput {
  id: string;
  /** Where the path names a repository, the credential must be that one's. */
  repositoryId?: string;
  /** Absent keeps the stored username; `null` or `""` clears it. */
  username?: string | null;
  password: string;
  test?: TestWish;
}

/** How often a rotation is tried again after another one won: more than any burst that one repository sees. */
const ATTEMPTS = 100;

/**
 * Replaces the secret of a credential; its id and creation time stay. Throws `not_found`, and `credential_unreadable`
 * where the username is to be kept and the old secret does not open; and as `proveSecret`: the old secret then stays.
 */
export async function rotateCredential(ctx: Context, input: RotateCredentialInput): Promise<CredentialReceipt> {
  requirePermission(ctx.actor, "credential:write");
  const { test: wish = "none", password } = input;
  let proved: { secret: Secret; result: TestResult | null } | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const credential = await findCredential(ctx, input.id, input.repositoryId);
    const username = await nextUsername(ctx, credential, input.username);
    if (username === "overtaken") continue;
    const secret = { username: username.value, password };
    // Overtaken by another rotation, the same secret is not sent to the host a second time.
    if (proved?.secret.username !== secret.username) {
      proved = { secret, result: await proveSecret(ctx, wish, { ...toProve(credential), secret }) };
    }
    const tested = proved?.result ?? null;
    if (await replaceSecret(ctx, credential, secret, { wish, tested })) {
      await keepCanonicalPath(ctx.db, credential.repositoryId, credential.upstream, tested?.canonicalPath ?? null);
      if (credential.refusals > 0) await resumePulls(ctx, credential.repositoryId);
      return { id: credential.id, createdAt: credential.createdAt };
    }
  }
  throw new DomainError("busy", "This credential is being rotated by others at the same time. Try again.", {
    retryAfter: 1,
  });
}

function toProve({ id, repositoryId, repositoryName, upstream }: FoundCredential) {
  return { repository: { id: repositoryId, name: repositoryName }, targetId: id, upstream };
}

async function nextUsername(
  ctx: Context,
  credential: FoundCredential,
  wanted: string | null | undefined,
): Promise<{ value: string | null } | "overtaken"> {
  if (wanted !== undefined) return { value: wanted || null };
  if (!credential.hasUsername) return { value: null };
  try {
    return { value: await withOpenSecret(ctx, credential, (secret) => secret.username) };
  } catch (error) {
    // The version read a moment ago was replaced: look again, and find the new one or that the credential is gone.
    if (error instanceof DomainError && error.code === "not_found") return "overtaken";
    throw error;
  }
}

/** Compare-and-set on the version that the new secret is sealed to; false where another rotation came first. */
async function replaceSecret(
  ctx: Context,
  credential: FoundCredential,
  secret: Secret,
  { wish, tested }: { wish: TestWish; tested: TestResult | null },
): Promise<boolean> {
  const version = credential.version + 1;
  const { masterKeyId, sealed } = ctx.vault.seal(bindingOf(ctx, credential, version), secret);
  const hasUsername = secret.username !== null;
  const audit = auditCall(ctx, {
    action: "credential.rotated",
    targetId: credential.id,
    repositoryId: credential.repositoryId,
    details: {
      repository: credential.repositoryName,
      version,
      has_username: hasUsername,
      test: testInAudit(wish, tested),
    },
  });
  const updated = await ctx.db.$queryRaw<unknown[]>(sql`
    WITH credential AS (
      UPDATE git_credential
      SET current_version = ${version}, has_username = ${hasUsername}, username_hint = ${usernameHint(secret.username)},
          rotated_at = ${ctx.clock()}::timestamptz, (${TEST_COLUMNS}) = ROW(${testValues(tested, ctx.clock())})
      WHERE id = ${credential.id} AND current_version = ${credential.version}
      RETURNING id
    ), erased AS (
      DELETE FROM credential_secret USING credential WHERE credential_id = credential.id AND version < ${version}
    ), secret AS (
      INSERT INTO credential_secret (credential_id, version, master_key_id, sealed)
      SELECT credential.id, ${version}, ${masterKeyId}, ${sealed} FROM credential
    )
    SELECT ${audit} AS seq FROM credential`);
  return updated.length > 0;
}
