import { BackupRefused } from "./backup/backup-refused";
import { errorFacts } from "./error-facts";

/**
 * What whoever sits at the terminal is told of an error: the message of one that we threw for them, and of any other its
 * name, since a database's own message holds the values that a statement was given.
 */
export function operatorSentence(error: unknown): string {
  const ours = error instanceof Error && error.constructor === Error && !("code" in error);
  if (error instanceof BackupRefused || ours) return error.message;
  const { code, path, syscall } = (error ?? {}) as NodeJS.ErrnoException;
  if (syscall && path) return `${path} cannot be used (${code}).`;
  return `The database cannot be reached, or did not do as it was asked (${errorFacts(error).error}).`;
}
