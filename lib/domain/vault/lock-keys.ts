import { sqltag as sql } from "@prisma/client/runtime/client";
import type { Context, Transaction } from "../context";

/** An act is recorded in every organization's chain, and waits for whoever holds one. */
const LONGEST_MS = 60_000;

/** Runs a transaction alone among all that change or announce master keys, in every process of every instance. */
export function withKeysLocked<T>({ db }: Pick<Context, "db">, act: (tx: Transaction) => Promise<T>): Promise<T> {
  return db.$transaction(
    async (tx) => {
      await tx.$queryRaw(sql`SELECT pg_advisory_xact_lock(hashtext('latchkey master keys'))::text`);
      return act(tx);
    },
    { timeout: LONGEST_MS, maxWait: LONGEST_MS },
  );
}
