import { recordEverywhere } from "@/lib/domain/audit/record-everywhere";
import { createDatabaseClient } from "@/lib/platform/database/client";

const BY = "npm run backup";

/** Puts into every organization's chain that a copy of the database leaves; what cannot be recorded is not copied. */
export async function recordBackup(connectionString: string): Promise<void> {
  const db = createDatabaseClient(connectionString);
  try {
    await db.$transaction((tx) =>
      recordEverywhere(tx, { clock: () => new Date(), requestId: "backup" }, BY, (organizationId) => ({
        action: "organization.backed_up",
        targetId: organizationId,
        details: {},
      })),
    );
  } finally {
    await db.$disconnect();
  }
}
