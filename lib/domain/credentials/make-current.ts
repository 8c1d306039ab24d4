import { sqltag as sql } from "@prisma/client/runtime/client";
import type { AuditEvent } from "../audit/audit-event";
import { auditCall } from "../audit/record-audit";
import type { Context } from "../context";
import type { TestResult } from "../upstream/probe";
import type { SealedSecret } from "../vault/envelope";
import type { Secret } from "../vault/vault";
import { announcedBy, type Announcement } from "../webhooks/announce";
import type { FoundCredential } from "./find-credential";
import { TEST_COLUMNS, testValues } from "./test-columns";
import { usernameHint } from "./username-hint";

export interface NextSecret {
  version: number;
  secret: Secret;
  /** Null where the version is stored already, as the pending one. */
  sealed: SealedSecret | null;
  /** The previous version that it was read from: one that was erased since is not brought back. */
  from?: number;
  tested: TestResult | null;
  audit: AuditEvent;
  /** What webhooks and people are told of it. */
  announcement: Announcement;
  /** As `fingerprintOf` makes it. */
  fingerprint: Buffer<ArrayBuffer> | null;
  /** When the token ends, where somebody said so. */
  expiresAt?: Date;
  /** Whether Latchkey does this by itself, because a host rejected the newer secret. */
  automatic?: boolean;
}

/**
 * Puts a secret in the place of the current one, in one statement: the current one becomes the previous, kept for the
 * organization's days or erased at once; anything else of the credential's is erased. False where the credential was
 * changed since it was read, and then nothing is.
 */
export async function makeCurrent(ctx: Context, credential: FoundCredential, next: NextSecret): Promise<boolean> {
  const { version, secret, sealed, tested, audit, announcement, fingerprint, expiresAt, automatic = false } = next;
  const { keepDays } = credential;
  const now = ctx.clock();
  // One that does not open is nothing to go back to.
  const kept = keepDays > 0 && credential.unreadableAt === null ? credential.version : null;
  const [stored, insert] = sealed
    ? [
        sql`last_version = ${credential.lastVersion}`,
        sql`, secret AS (
          INSERT INTO credential_secret (credential_id, version, master_key_id, sealed)
          SELECT credential.id, ${version}, ${sealed.masterKeyId}, ${sealed.sealed} FROM credential
        )`,
      ]
    : [sql`pending_version = ${version}`, sql``];
  const unerased = next.from === undefined ? sql`true` : sql`previous_version = ${next.from}`;
  const updated = await ctx.db.$queryRaw<unknown[]>(sql`
    WITH credential AS (
      UPDATE git_credential
      SET current_version = ${version}, unreadable_at = NULL, last_version = greatest(last_version, ${version}),
          pending_version = NULL, pending_by = NULL, pending_at = NULL, pending_ends_at = NULL,
          previous_version = ${kept}, previous_until = ${kept === null ? null : now}::timestamptz + ${keepDays} * interval '1 day',
          fingerprint = ${fingerprint},
          has_username = ${secret.username !== null}, username_hint = ${usernameHint(secret.username)},
          rotated_at = ${now}::timestamptz, rolled_back_at = ${automatic ? now : null}::timestamptz,
          expiry_told_days = NULL, (${TEST_COLUMNS}) = ROW(${testValues(tested, now, sql`${expiresAt ?? null}`)})
      WHERE id = ${credential.id} AND current_version = ${credential.version} AND ${stored} AND ${unerased}
      RETURNING id
    ), erased AS (
      DELETE FROM credential_secret USING credential
      WHERE credential_id = credential.id AND version NOT IN (${version}, ${kept ?? version})
    )${insert}, ${announcedBy(ctx, announcement, sql`EXISTS (SELECT FROM credential)`)}
    SELECT ${auditCall(ctx, audit)} AS seq, (SELECT count(*) FROM announced) AS announced FROM credential`);
  return updated.length > 0;
}
