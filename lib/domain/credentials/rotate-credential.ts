import { requirePermission } from "../access/permissions";
import type { Context } from "../context";
import { DomainError } from "../errors";
import { resumePulls } from "../sync/resume-pulls";
import { keepCanonicalPath } from "../upstream/canonical-path";
import type { TestResult } from "../upstream/probe";
import type { Secret } from "../vault/vault";
import type { CredentialReceipt } from "./create-credential";
import { rotated } from "../webhooks/secret-events";
import { bindingOf, findCredential, requireHost, requireVersion, type FoundCredential } from "./find-credential";
import { fingerprintOf } from "./fingerprint";
import { makeCurrent } from "./make-current";
import { withOpenSecret } from "./open-secret";
import { proveSecret, refuseWeaker, testInAudit, type TestWish } from "./prove-secret";
import { eraseStaged, stageSecret } from "./stage-secret";

export interface RotateCredentialInput {
  id: string;
  /** Where the path names a repository, the credential must be that one's. */
  repositoryId?: string;
  /** Absent keeps the stored username; `null` or `""` clears it. */
  username?: string | null;
  password: string;
  /** When the new token ends, as the caller knows; the host's own word for it wins. */
  expiresAt?: Date;
  test?: TestWish;
  /** Where given, the version that must be the current one. */
  ifVersion?: number;
  /** Where given, the host that the new secret is for: it goes to no other. */
  host?: string;
}

/** How often a rotation is tried again after another one won: more than any burst that one repository sees. */
const ATTEMPTS = 100;

/**
 * Replaces the secret of a credential; its id and creation time stay. Where a test is wished for, the new secret waits
 * sealed as the pending version and takes the place of the current one only if it does at least as much. Throws
 * `not_found`; `version_mismatch`; `conflict` for another host's secret; `credential_unreadable` where the username is to
 * be kept and the old secret does not open; and `credential_refused`: the current secret then stays in use and the new
 * one is erased.
 */
export async function rotateCredential(ctx: Context, input: RotateCredentialInput): Promise<CredentialReceipt> {
  requirePermission(ctx.actor, "credential:write");
  const { test: wish = "none", password } = input;
  let proved: { username: string | null; result: TestResult | null } | undefined;
  for (let attempt = 0; attempt < ATTEMPTS; attempt += 1) {
    const credential = await findCredential(ctx, input.id, input.repositoryId);
    requireVersion(credential, input.ifVersion);
    requireHost(credential.upstream, input.host);
    const username = await nextUsername(ctx, credential, input.username);
    if (username === "overtaken") continue;
    const secret = { username: username.value, password };
    const staged =
      wish === "required"
        ? await stageSecret(ctx, credential, { ...secret, expiresAt: input.expiresAt })
        : credential.lastVersion + 1;
    if (staged === undefined) continue;
    // Overtaken by another rotation, the same secret is not sent to the host a second time.
    const known = proved?.username === secret.username ? proved.result : undefined;
    const tested = await proveStaged(ctx, wish, credential, { version: staged, secret, known });
    proved = { username: secret.username, result: tested };
    const { expiresAt } = input;
    if (await takeOver(ctx, credential, { version: staged, secret, tested, wish, expiresAt })) {
      return { id: credential.id, createdAt: credential.createdAt };
    }
  }
  throw new DomainError("busy", "This credential is being rotated by others at the same time. Try again.", {
    retryAfter: 1,
  });
}

/**
 * The test of what is pending, with its result where that is known already; what does not pass, or may do less than the
 * current one as it was read, is erased, and the refusal thrown.
 */
export async function proveStaged(
  ctx: Context,
  wish: TestWish,
  credential: FoundCredential,
  { version, secret, known }: { version: number; secret: Secret; known?: TestResult | null },
): Promise<TestResult | null> {
  const { id, repositoryId, repositoryName, upstream } = credential;
  const toProve = { repository: { id: repositoryId, name: repositoryName }, targetId: id, upstream, secret };
  try {
    const result = known === undefined ? await proveSecret(ctx, wish, toProve) : known;
    if (result) await refuseWeaker(ctx, toProve, { current: credential.testOutcome, result });
    return result;
  } catch (error) {
    if (wish === "required") await eraseStaged(ctx, credential, version);
    throw error;
  }
}

/** Puts the new secret in its place, and pulls go on. False where the credential was changed since it was read. */
export async function takeOver(
  ctx: Context,
  credential: FoundCredential,
  next: { version: number; secret: Secret; tested: TestResult | null; wish: TestWish; expiresAt?: Date },
): Promise<boolean> {
  const { id, repositoryId, repositoryName, upstream, refusals } = credential;
  const { version, secret, tested, wish, expiresAt } = next;
  const sealed = wish === "required" ? null : ctx.vault.seal(bindingOf(ctx, credential, version), secret);
  const details = {
    repository: repositoryName,
    version,
    has_username: secret.username !== null,
    test: testInAudit(wish, tested),
  };
  const fingerprint = await fingerprintOf(ctx, upstream.host, secret.password);
  const audit = { action: "credential.rotated", targetId: id, repositoryId, details } as const;
  const repository = { id: repositoryId, name: repositoryName };
  const announcement = rotated(ctx, { credentialId: id, repository, version });
  const replacing = { version, secret, sealed, tested, audit, announcement, fingerprint, expiresAt };
  if (!(await makeCurrent(ctx, credential, replacing))) return false;
  await keepCanonicalPath(ctx.db, repositoryId, upstream, tested?.canonicalPath ?? null);
  if (refusals > 0) await resumePulls(ctx, repository);
  return true;
}

/** The username of the next secret: what is wanted, or the stored one, which is opened for it. */
export async function nextUsername(
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
