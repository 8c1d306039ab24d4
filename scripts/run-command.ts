import { BackupRefused } from "@/lib/platform/backup/backup-refused";
import { errorFacts } from "@/lib/platform/error-facts";
import { complain } from "@/lib/platform/terminal";

/**
 * Runs a command that may take a while, tells what went wrong in a sentence, and sets the exit code. Ctrl C and SIGTERM
 * abort its signal, so that it can leave everything as it was.
 */
export async function runCommand(run: (signal: AbortSignal) => Promise<void>): Promise<void> {
  const interrupted = new AbortController();
  for (const name of ["SIGINT", "SIGTERM"]) process.once(name, () => interrupted.abort());
  try {
    await run(interrupted.signal);
  } catch (error) {
    process.exitCode = 1;
    complain(`✗ ${interrupted.signal.aborted ? "Stopped." : sentence(error)}`);
  }
}

/** A database's own message may hold rows; what we throw ourselves is for the operator. */
function sentence(error: unknown): string {
  const ours = error instanceof Error && error.constructor === Error && !("code" in error);
  if (error instanceof BackupRefused || ours) return error.message;
  return `The database cannot be reached, or did not do as it was asked (${errorFacts(error).error}).`;
}
