import { writeBackup } from "@/lib/platform/backup/write-backup";
import { complain, say } from "@/lib/platform/terminal";
import { keysAtHand } from "./keys-at-hand";
import { runCommand } from "./run-command";
import { withDatabase } from "./with-database";

// `npm run backup -- FILE`, whether Latchkey runs or not: docs/operate, "Backup".

const [file, ...rest] = process.argv.slice(2);
if (!file || file.startsWith("-") || rest.length > 0) {
  complain("npm run backup -- FILE");
  process.exit(2);
}

await runCommand(async (signal) => {
  const ring = keysAtHand();
  say("• Copying the database as of this moment …");
  const { tables, keys } = await withDatabase((connectionString) =>
    writeBackup(file, { connectionString, ring, signal }),
  );
  const rows = tables.reduce((sum, table) => sum + table.rows, 0);
  const ids = keys.map(({ id }) => id);
  const missing = ids.filter((id) => !ring.get(id));
  say(`✓ Wrote ${file}: ${rows} rows of ${tables.length} tables.`);
  say(`  The master keys are not in it. Restoring it takes ${ids.join(", ")}: keep them, and keep them apart from it.`);
  if (missing.length > 0) complain(`! Not configured here, and needed: ${missing.join(", ")}. Find your copy.`);
  say("  Sessions, open links and invitations, queued jobs and mirrors are not in it either.");
});
