import { operatorSentence } from "@/lib/platform/operator-sentence";
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
    complain(`✗ ${interrupted.signal.aborted ? "Stopped." : operatorSentence(error)}`);
  }
}
