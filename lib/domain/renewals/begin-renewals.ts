import { sqltag as sql } from "@prisma/client/runtime/client";
import { RENEW_DAYS } from "@/lib/contract/renewals";
import type { Context } from "../context";
import type { BegunRenewal } from "./as-renewal";

const AT_ONCE = 20;

/**
 * Writes down that the tokens whose turn has come are about to be renewed, before anybody asks their hosts: a process
 * that dies from here on leaves a trace. A token that several repositories share is one renewal. Workers that do this at
 * once wait for each other, so each token is one worker's. A bounded number at a time.
 */
export async function beginRenewals({ db, clock }: Pick<Context, "db" | "clock">): Promise<BegunRenewal[]> {
  const now = clock();
  return db.$transaction(async (tx) => {
    await tx.$queryRaw(sql`SELECT pg_advisory_xact_lock(hashtext('latchkey renewals'))::text`);
    return tx.$queryRaw<BegunRenewal[]>(sql`
      WITH due AS (
        SELECT DISTINCT ON (r.organization_id, c.fingerprint)
          c.id, c.current_version, c.fingerprint, r.organization_id, u.host
        FROM git_credential c
        JOIN repository r ON r.id = c.repository_id
        JOIN upstream u ON u.repository_id = r.id
        WHERE c.renews AND c.fingerprint IS NOT NULL AND c.unreadable_at IS NULL AND r.deleted_at IS NULL
          AND c.expires_at > ${now}::timestamptz
          AND c.expires_at <= ${now}::timestamptz + ${RENEW_DAYS}::int * interval '1 day'
          AND c.expires_at <= ${now}::timestamptz + (c.expires_at - coalesce(c.rotated_at, c.created_at)) / 3
          AND NOT EXISTS (
            SELECT FROM renewal x
            WHERE x.organization_id = r.organization_id AND x.fingerprint = c.fingerprint
              AND (x.ended_at IS NULL OR x.retry_at IS NULL OR x.retry_at > ${now}::timestamptz)
          )
        ORDER BY r.organization_id, c.fingerprint, c.expires_at LIMIT ${AT_ONCE}
      ), begun AS (
        INSERT INTO renewal (id, organization_id, credential_id, version, fingerprint, host, asked_at)
        SELECT 'rot_' || left(replace(gen_random_uuid()::text, '-', ''), 24), due.organization_id, due.id,
          due.current_version, due.fingerprint, due.host, ${now}::timestamptz
        FROM due
        RETURNING id, organization_id, credential_id, version, host
      )
      SELECT begun.id, o.id AS "organizationId", o.slug AS "organizationSlug", begun.credential_id AS "credentialId",
        begun.version, begun.host
      FROM begun JOIN organization o ON o.id = begun.organization_id`);
  });
}
