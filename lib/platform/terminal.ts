import { strikeOutSecrets } from "@/lib/domain/credentials/secrets-in-use";

/** A line for whoever started this command, on standard output; secrets in use are struck out, as from the log. */
export function say(line: string): void {
  process.stdout.write(`${strikeOutSecrets(line)}\n`);
}

/** The same on standard error: what went wrong, and what to do. */
export function complain(line: string): void {
  process.stderr.write(`${strikeOutSecrets(line)}\n`);
}
