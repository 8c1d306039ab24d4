import { sqltag as sql, type Sql } from "@prisma/client/runtime/client";
import type { TestResult } from "../upstream/probe";

/** The columns of `git_credential` that hold a test's result, in the order of `testValues`. */
export const TEST_COLUMNS = sql`test_outcome, test_reason, host_says, tested_at, expires_at, token_scopes, host_last_used_at`;

/**
 * What those columns get: a result and its time, or, after a change that was not tested, nothing. The token's end is
 * the host's word for it, or else `stated`: what somebody said, or what is known already.
 */
export function testValues(result: TestResult | null, at: Date, stated: Sql = sql`NULL`): Sql {
  if (!result) return sql`NULL, NULL, NULL, NULL, ${stated}::timestamptz, ARRAY[]::text[], NULL`;
  const { outcome, reason, hostSays, expiresAt, scopes, lastUsedAt } = result;
  return sql`${outcome}::test_outcome, ${reason}, ${hostSays}::provider, ${at}::timestamptz,
    coalesce(${expiresAt}::timestamptz, ${stated}::timestamptz), ${scopes}::text[], ${lastUsedAt}::timestamptz`;
}
