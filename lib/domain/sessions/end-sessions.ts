import type { Context } from "../context";
import { DomainError } from "../errors";
import { lockUser } from "../members/lock-user";
import { recordOwnAct } from "../members/record-own-act";

/**
 * Ends one of one's own sessions, or all of them but one: their next request is refused. Throws `not_found` where there
 * is none to end.
 */
export async function endSessions(
  ctx: Pick<Context, "db" | "clock" | "requestId" | "address">,
  input: { userId: string } & ({ id: string } | { allBut: string }),
): Promise<void> {
  const { userId } = input;
  await ctx.db.$transaction(async (tx) => {
    await lockUser(tx, userId);
    const id = "id" in input ? input.id : { not: input.allBut };
    const { count } = await tx.session.deleteMany({ where: { userId, id } });
    if (count === 0) throw new DomainError("not_found", "There is no such session any more.");
    await recordOwnAct(tx, ctx, { userId }, (email) => ({
      action: "member.sessions_ended",
      targetId: userId,
      details: { email, sessions: count },
    }));
  });
}
