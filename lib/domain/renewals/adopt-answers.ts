import type { Context } from "../context";
import { readAnswers, removeAnswer } from "./answer-file";
import { keepRenewed } from "./keep-renewed";

/**
 * Takes the answers that were sealed to this machine's disk into the database, where the process died or the database
 * was away before it could. Returns how many stay, since they cannot be stored here.
 */
export async function adoptAnswers(ctx: Pick<Context, "db" | "clock">, folder: string): Promise<number> {
  let left = 0;
  for (const answer of await readAnswers(folder)) {
    if (await keepRenewed(ctx, answer)) await removeAnswer(folder, answer.id);
    else left += 1;
  }
  return left;
}
