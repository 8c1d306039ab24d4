import { sqltag as sql } from "@prisma/client/runtime/client";
import type pg from "pg";
import { auditCall } from "@/lib/domain/audit/record-audit";

const BY = "npm run restore";

/** Puts into every organization's chain that what follows continues from a backup, in the transaction of the client. */
export async function recordRestore(client: pg.Client, madeAt: Date): Promise<void> {
  const { rows } = await client.query<{ id: string; slug: string }>("SELECT id, slug FROM organization ORDER BY id");
  for (const { id, slug } of rows) {
    const actor = { kind: "system", name: BY, organizationId: id, organizationSlug: slug } as const;
    const call = auditCall(
      { actor, clock: () => new Date(), requestId: "restore", address: null },
      { action: "organization.restored", targetId: id, details: { backup_of: madeAt.toISOString() } },
    );
    const statement = sql`SELECT ${call} AS seq`;
    await client.query(statement.text, statement.values);
  }
}
