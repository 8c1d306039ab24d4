import type { SignInMethod } from "@/lib/platform/prisma-client/enums";
import type { Context } from "../context";
import { newId } from "../new-id";

/** A session ends this long after signing in. */
export const SESSION_SECONDS = 14 * 24 * 60 * 60;

/** More browsers than anybody uses; beyond them the session that was seen longest ago ends. */
export const MOST_SESSIONS = 50;

export interface NewSession {
  userId: string;
  method: SignInMethod;
  address: string;
  /** In words: "Firefox on Linux". */
  browser: string;
}

/** Writes down that a user is signed in somewhere, and returns what names it. Their sessions that are over are erased. */
export async function beginSession(
  ctx: Pick<Context, "db" | "clock">,
  session: NewSession,
): Promise<{ id: string; expiresAt: Date }> {
  const { userId } = session;
  const id = newId("ses");
  const now = ctx.clock();
  const expiresAt = new Date(now.getTime() + SESSION_SECONDS * 1000);
  await ctx.db.session.deleteMany({ where: { userId, expiresAt: { lt: now } } });
  await ctx.db.session.create({ data: { ...session, id, createdAt: now, lastSeenAt: now, expiresAt } });
  const beyond = await ctx.db.session.findMany({
    where: { userId },
    orderBy: [{ lastSeenAt: "desc" }, { createdAt: "desc" }],
    skip: MOST_SESSIONS,
    take: MOST_SESSIONS,
    select: { id: true },
  });
  if (beyond.length > 0) await ctx.db.session.deleteMany({ where: { id: { in: beyond.map((row) => row.id) } } });
  return { id, expiresAt };
}
