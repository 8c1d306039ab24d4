import { email } from "@/lib/contract/members";
import { DomainError } from "@/lib/domain/errors";
import { issueResetLink } from "@/lib/domain/members/issue-reset-link";
import { database } from "@/lib/platform/database/client";
import { env } from "@/lib/platform/env";
import { complain, say } from "@/lib/platform/terminal";

// `npm run admin -- reset EMAIL` prints a link that lets a locked-out user set a new password, without a second factor.
// Latchkey must be running where the database is the embedded one.

const [command, address, ...rest] = process.argv.slice(2);
const parsed = email.safeParse(address);
if (command !== "reset" || !parsed.success || rest.length > 0) {
  complain("npm run admin -- reset EMAIL");
  process.exit(2);
}

try {
  const token = await issueResetLink(
    { db: database(), clock: () => new Date(), requestId: "admin", address: null },
    parsed.data,
  );
  say("This link works once, for an hour. It also turns off a second factor and undoes single sign-on's link:");
  say(`${env().LATCHKEY_URL}/reset?token=${token}`);
} catch (error) {
  complain(
    error instanceof DomainError
      ? error.message
      : "The database cannot be reached. Start Latchkey first, or set DATABASE_URL as the service has it.",
  );
  process.exitCode = 1;
} finally {
  await database()
    .$disconnect()
    .catch(() => undefined);
}
