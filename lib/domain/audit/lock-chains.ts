import { sqltag as sql } from "@prisma/client/runtime/client";
import type { Transaction } from "../context";

/**
 * Takes the chains of these organizations, in the order in which everybody takes several, so that two acts cannot wait
 * for each other's. What is recorded in them afterwards may come in any order.
 */
export async function lockChains(tx: Transaction, organizationIds: readonly string[]): Promise<void> {
  await tx.$queryRaw(sql`
    SELECT organization_id FROM audit_chain WHERE organization_id = ANY (${organizationIds}::text[])
    ORDER BY organization_id FOR NO KEY UPDATE`);
}
