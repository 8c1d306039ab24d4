import type { SignInMethod } from "@/lib/platform/prisma-client/enums";
import type { Context } from "../context";
import { MOST_SESSIONS } from "./begin-session";

export interface SessionView {
  id: string;
  method: SignInMethod;
  address: string;
  browser: string;
  createdAt: Date;
  lastSeenAt: Date;
}

/** One's own sessions, the one seen last first; there are never more than `MOST_SESSIONS`. */
export function listSessions(ctx: Pick<Context, "db" | "clock">, input: { userId: string }): Promise<SessionView[]> {
  return ctx.db.session.findMany({
    where: { userId: input.userId, expiresAt: { gt: ctx.clock() } },
    orderBy: [{ lastSeenAt: "desc" }, { createdAt: "desc" }],
    take: MOST_SESSIONS,
    select: { id: true, method: true, address: true, browser: true, createdAt: true, lastSeenAt: true },
  });
}
