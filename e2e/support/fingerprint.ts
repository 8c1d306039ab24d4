import type { Latchkey } from "@/scripts/start-latchkey";

/** Comes and goes with every request, and is nobody's; the worker looks at each audit log when its day comes. */
const PASSING = new Set(["session", "pending_sign_in", "rate_limit", "audit_check"]);

/** Rows of an organization or of a user, by the column that says whose they are; `$1` and `$2` are their ids. */
const WHOSE: readonly (readonly [column: string, condition: string])[] = [
  ["organization_id", "organization_id = $1"],
  ["repository_id", "repository_id IN (SELECT id FROM repository WHERE organization_id = $1)"],
  [
    "credential_id",
    `credential_id IN (SELECT c.id FROM git_credential c JOIN repository r ON r.id = c.repository_id
       WHERE r.organization_id = $1)`,
  ],
  ["webhook_id", "webhook_id IN (SELECT id FROM webhook WHERE organization_id = $1)"],
  ["user_id", "user_id = $2"],
];

/** What the database holds of an organization and of one user: a digest for each table, the job queue among them. */
export async function fingerprint(
  { db }: Latchkey,
  { organizationId, userId }: { organizationId: string; userId: string },
): Promise<Record<string, string>> {
  const tables = await db.$queryRawUnsafe<{ name: string; columns: string[] }[]>(
    `SELECT table_name AS name, array_agg(column_name::text) AS columns
     FROM information_schema.columns WHERE table_schema = 'public' GROUP BY 1 ORDER BY 1`,
  );
  const digests: Record<string, string> = {};
  const digest = async (name: string, from: string, condition: string) => {
    const [row] = await db.$queryRawUnsafe<{ digest: string }[]>(
      `SELECT count(*) || ' ' || md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), '')) AS digest
       FROM (SELECT * FROM ${from} WHERE $1::text IS NOT NULL AND $2::text IS NOT NULL AND ${condition}) t`,
      organizationId,
      userId,
    );
    digests[name] = row!.digest;
  };
  for (const { name, columns } of tables) {
    const condition =
      { organization: "id = $1", user: "id = $2" }[name] ?? WHOSE.find(([column]) => columns.includes(column))?.[1];
    if (condition && !PASSING.has(name)) await digest(name, `"${name}"`, condition);
  }
  const ofOrganization = "SELECT id FROM repository WHERE organization_id = $1";
  await digest("jobs", "graphile_worker.jobs", `split_part(key, ':', 2) IN (${ofOrganization})`);
  return digests;
}
