import type { Context } from "../context";
import { lockUser } from "../members/lock-user";
import { recordOwnAct } from "../members/record-own-act";

/** Ends the session that one is signed in with. One that was ended already is left at that. */
export async function signOut(
  ctx: Pick<Context, "db" | "clock" | "requestId" | "address">,
  { userId, sessionId }: { userId: string; sessionId: string },
): Promise<void> {
  await ctx.db.$transaction(async (tx) => {
    await lockUser(tx, userId);
    const { count } = await tx.session.deleteMany({ where: { id: sessionId, userId } });
    if (count === 0) return;
    await recordOwnAct(tx, ctx, { userId }, (email) => ({
      action: "member.signed_out",
      targetId: userId,
      details: { email },
    }));
  });
}
