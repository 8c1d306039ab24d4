import type { SignInMethod } from "@/lib/platform/prisma-client/enums";
import type { Context, Transaction } from "../context";
import { newId } from "../new-id";

/** A session ends this long after it began. */
export const SESSION_SECONDS = 14 * 24 * 60 * 60;

/** Where a session began. */
export interface SessionPlace {
  address: string;
  /** In words: "Firefox on Linux". */
  browser: string;
}

/** What names a session, for its cookie. */
export interface BegunSession {
  id: string;
  expiresAt: Date;
}

/** Writes down that a user is signed in somewhere. */
export async function insertSession(
  tx: Transaction,
  ctx: Pick<Context, "clock">,
  session: SessionPlace & { userId: string; method: SignInMethod },
): Promise<BegunSession> {
  const id = newId("ses");
  const now = ctx.clock();
  const expiresAt = new Date(now.getTime() + SESSION_SECONDS * 1000);
  await tx.session.create({ data: { ...session, id, createdAt: now, lastSeenAt: now, expiresAt } });
  return { id, expiresAt };
}
