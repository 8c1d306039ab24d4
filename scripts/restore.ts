import { openBackup } from "@/lib/platform/backup/read-backup";
import { restoreBackup } from "@/lib/platform/backup/restore-backup";
import { complain, say } from "@/lib/platform/terminal";
import { keysAtHand } from "./keys-at-hand";
import { runCommand } from "./run-command";
import { withStoppedDatabase } from "./with-database";

// `npm run restore -- FILE`, into an empty database while Latchkey is stopped: docs/operate, "Restore".

const ACCEPT_DAMAGE = "--accept-damage";

const options = process.argv.slice(2);
const [file, ...rest] = options.filter((option) => option !== ACCEPT_DAMAGE);
if (!file || file.startsWith("-") || rest.length > 0) {
  complain(`npm run restore -- FILE [${ACCEPT_DAMAGE}]`);
  process.exit(2);
}

await runCommand(async (signal) => {
  const ring = keysAtHand();
  say(`• Reading all of ${file} …`);
  const backup = await openBackup(file, ring, signal);
  try {
    say(`• Loading what it holds of ${backup.manifest.created_at} …`);
    const acceptDamage = options.includes(ACCEPT_DAMAGE);
    const { secrets, unreadable, chains, brokenChains } = await withStoppedDatabase((connectionString) =>
      restoreBackup(backup, { connectionString, ring, acceptDamage, signal }),
    );
    say(`✓ Restored. ${secrets} stored secrets open with the keys at hand. The audit log is whole in`);
    say(`  ${chains - brokenChains.length} of ${chains} organizations.`);
    if (unreadable.length > 0) complain(`! Do not open, and must be rotated: ${unreadable.slice(0, 100).join(", ")}`);
    if (brokenChains.length > 0) complain(`! The audit log is not whole in: ${brokenChains.join(", ")}`);
    say("  Everything is as it was then: what was revoked, removed or changed since is good again. Look through");
    say("  signing keys and members. Everybody signs in anew, and mirrors are fetched anew. Next: npm start");
  } finally {
    backup.close();
  }
});
