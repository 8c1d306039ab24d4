/** Why there is no backup, or nothing was restored: a sentence for the operator. */
export class BackupRefused extends Error {}

/** What is said of a file that is not as it was written, whatever is wrong with it. */
export function damaged(): BackupRefused {
  return new BackupRefused("This file is damaged, cut short, or was changed after it was written.");
}
