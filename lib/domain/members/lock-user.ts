import { sqltag as sql } from "@prisma/client/runtime/client";
import type { Transaction } from "../context";
import { DomainError } from "../errors";

/** Somebody who proved who they are, and the epoch of their password and second factor in which they did. */
export interface Proved {
  userId: string;
  epoch: number;
}

/**
 * Orders what a proof lets in and what outdates it, for one user, until the transaction ends; answers the user's epoch. It
 * comes before every other lock, so that two such transactions cannot wait for each other.
 */
export async function lockUser(tx: Transaction, userId: string): Promise<number> {
  const [user] = await tx.$queryRaw<{ epoch: number }[]>(
    sql`SELECT epoch FROM "user" WHERE id = ${userId} FOR NO KEY UPDATE`,
  );
  if (!user) throw new DomainError("not_found", "There is no such user any more.");
  return user.epoch;
}

/** The same for somebody who proved who they are. Throws `conflict` where the proof is outdated. */
export async function lockProved(tx: Transaction, { userId, epoch }: Proved): Promise<void> {
  if ((await lockUser(tx, userId)) === epoch) return;
  throw new DomainError("conflict", "Your password or second factor was changed meanwhile. Begin again.");
}
