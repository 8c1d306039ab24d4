import type { Context, Transaction } from "../context";
import { withKeysLocked } from "./lock-keys";

/** The file that the master keys are read from. */
export interface KeyFile {
  read(): string;
  /** Replaces it whole or not at all. */
  replace(text: string): void;
}

/**
 * Changes what the database knows of the keys and, as the last thing before that is final, the key file. What fails
 * leaves both as they were.
 */
export async function changeKeyFile<T>(
  ctx: Pick<Context, "db">,
  file: KeyFile,
  change: (tx: Transaction, text: string) => Promise<{ text: string; result: T }>,
): Promise<T> {
  let before: string | undefined;
  try {
    return await withKeysLocked(ctx, async (tx) => {
      const found = file.read();
      const { text, result } = await change(tx, found);
      before = found;
      file.replace(text);
      return result;
    });
  } catch (error) {
    if (before !== undefined) file.replace(before);
    throw error;
  }
}
