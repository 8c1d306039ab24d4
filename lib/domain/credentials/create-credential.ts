import { sqltag as sql } from "@prisma/client/runtime/client";
import { requirePermission } from "../access/permissions";
import { actorName } from "../access/actor";
import { auditCall } from "../audit/record-audit";
import type { Context } from "../context";
import { DomainError } from "../errors";
import { newId } from "../new-id";
import { findRepository } from "../repositories/find-repository";
import { upstreamOrigin } from "../upstream/remote-url";
import { resumePulls } from "../sync/resume-pulls";
import { keepCanonicalPath } from "../upstream/canonical-path";
import { proveSecret, testInAudit, type TestWish } from "./prove-secret";
import { fingerprintOf } from "./fingerprint";
import { requireHost } from "./find-credential";
import { secretBinding } from "./secret-binding";
import { TEST_COLUMNS, testValues } from "./test-columns";
import { usernameHint } from "./username-hint";

/** Somebody would have to add and remove one between every two of them. */
const ATTEMPTS = 5;

export interface CreateCredentialInput {
  /** The repository's id or name. */
  repository: string;
  username?: string | null;
  password: string;
  /** When the token ends, as the caller knows; the host's own word for it wins. */
  expiresAt?: Date;
  test?: TestWish;
  /** Where given, the host that the secret is for: it goes to no other. */
  host?: string;
}

export interface CredentialReceipt {
  id: string;
  createdAt: Date;
}

/**
 * Stores a repository's one credential. Throws as `findRepository` does; `no_upstream` where there is no generic Git
 * upstream to use it with; `conflict` for another host's secret; `credential_exists`, with the existing id, where one is
 * stored already; and as `proveSecret`.
 */
export async function createCredential(ctx: Context, input: CreateCredentialInput): Promise<CredentialReceipt> {
  requirePermission(ctx.actor, "credential:write");
  const repository = await findRepository(ctx, input.repository);
  const { upstream } = repository;
  if (!upstream || upstream.provider === "github") {
    throw new DomainError(
      "no_upstream",
      "This repository has no generic Git upstream, so there is nothing to use a credential with.",
    );
  }
  requireHost(upstream, input.host);
  const username = input.username || null;
  const { test: wish = "none", password } = input;
  if (wish === "required") await refuseSecond(ctx, repository.id);
  const tested = await proveSecret(ctx, wish, {
    repository,
    targetId: repository.id,
    upstream,
    secret: { username, password },
  });
  const id = newId("ggc");
  // Whole seconds, as the contract's examples have them; rotation keeps this time.
  const createdAt = new Date(Math.floor(ctx.clock().getTime() / 1000) * 1000);
  const { masterKeyId, sealed } = ctx.vault.seal(
    secretBinding({
      organizationId: ctx.actor.organizationId,
      repositoryId: repository.id,
      credentialId: id,
      version: 1,
      upstreamOrigin: upstreamOrigin(upstream),
    }),
    { username, password },
  );
  const audit = auditCall(ctx, {
    action: "credential.created",
    targetId: id,
    repositoryId: repository.id,
    details: {
      repository: repository.name,
      version: 1,
      has_username: username !== null,
      test: testInAudit(wish, tested),
    },
  });
  const fingerprint = await fingerprintOf(ctx, upstream.host, password);
  // One statement, one round trip. The shared locks hold off a deletion or a change of upstream: after one, nothing
  // is inserted, since the secret is bound to the upstream that was read.
  const insert = () =>
    ctx.db.$queryRaw<unknown[]>(sql`
    WITH target AS (
      SELECT r.id FROM repository r JOIN upstream u ON u.repository_id = r.id
      WHERE r.id = ${repository.id} AND r.deleted_at IS NULL AND u.host = ${upstream.host}
      FOR SHARE OF r, u
    ), credential AS (
      INSERT INTO git_credential (id, repository_id, has_username, username_hint, added_by, fingerprint, created_at, ${TEST_COLUMNS})
      SELECT ${id}, target.id, ${username !== null}, ${usernameHint(username)}, ${actorName(ctx.actor)}, ${fingerprint}, ${createdAt}::timestamptz,
        ${testValues(tested, ctx.clock(), sql`${input.expiresAt ?? null}`)}
      FROM target
      ON CONFLICT (repository_id) DO NOTHING
      RETURNING id
    ), secret AS (
      INSERT INTO credential_secret (credential_id, version, master_key_id, sealed)
      SELECT credential.id, 1, ${masterKeyId}, ${sealed} FROM credential
    )
    SELECT ${audit} AS seq FROM credential`);
  for (let attempt = 1; (await insert()).length === 0; attempt += 1) {
    const refused = await refusal(ctx, repository.id, upstream.host);
    if (refused) throw refused;
    if (attempt === ATTEMPTS) {
      throw new DomainError("conflict", "Others change this repository's credential just now. Try again.");
    }
  }
  await keepCanonicalPath(ctx.db, repository.id, upstream, tested?.canonicalPath ?? null);
  if (repository.refusals > 0) await resumePulls(ctx, repository);
  return { id, createdAt };
}

/** A test takes seconds and sends the secret: not for a credential that cannot be created anyway. */
async function refuseSecond(ctx: Context, repositoryId: string): Promise<void> {
  const existing = await ctx.db.gitCredential.findUnique({ where: { repositoryId }, select: { id: true } });
  if (existing) throw alreadyThere(existing);
}

/**
 * Why nothing was inserted: a credential is there, or the repository went away meanwhile. Null where the credential was
 * in the way a moment ago, and was removed since.
 */
async function refusal(ctx: Context, repositoryId: string, host: string): Promise<DomainError | null> {
  const repository = await ctx.db.repository.findFirst({
    where: { id: repositoryId, organizationId: ctx.actor.organizationId, deletedAt: null, upstream: { host } },
    select: { credential: { select: { id: true } } },
  });
  if (!repository) return new DomainError("not_found", "There is no such repository in this organization.");
  return repository.credential && alreadyThere(repository.credential);
}

function alreadyThere(existing: { id: string }): DomainError {
  return new DomainError("credential_exists", "This repository already has a credential. Rotate it instead.", existing);
}
