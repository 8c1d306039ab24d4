import type { SignInMethod } from "@/lib/platform/prisma-client/enums";
import type { Context } from "../context";

const SEEN_PRECISION_MS = 60_000;

export interface LiveSession {
  userId: string;
  email: string;
  method: SignInMethod;
}

/** The session that a cookie names, and whose it is; null once it was ended or is over. Notes that it was seen. */
export async function findSession(
  ctx: Pick<Context, "db" | "clock">,
  { id, userId }: { id: string; userId: string },
): Promise<LiveSession | null> {
  const now = ctx.clock();
  const session = await ctx.db.session.findFirst({
    where: { id, userId, expiresAt: { gt: now } },
    select: { method: true, lastSeenAt: true, user: { select: { email: true } } },
  });
  if (!session) return null;
  const stale = new Date(now.getTime() - SEEN_PRECISION_MS);
  if (session.lastSeenAt <= stale) {
    // A good session is good where this cannot be written down.
    await ctx.db.session
      .updateMany({ where: { id, lastSeenAt: { lte: stale } }, data: { lastSeenAt: now } })
      .catch(() => undefined);
  }
  return { userId, email: session.user.email, method: session.method };
}
