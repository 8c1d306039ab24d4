import type { Context } from "../context";
import { renewSession, type RenewedSession } from "../sessions/renew-session";
import { lockProved } from "./lock-user";
import { hashPassword, requireOwnPassword } from "./password";
import { replacePassword } from "./replace-password";

/**
 * Changes one's own password and ends all of one's sessions; answers the one that begins in this browser. Throws
 * `invalid_request` for a wrong current password, and `conflict` where it was changed meanwhile.
 */
export async function changePassword(
  ctx: Pick<Context, "db" | "clock" | "requestId" | "address">,
  input: { userId: string; sessionId: string; current: string; password: string },
): Promise<RenewedSession> {
  const { userId } = input;
  const proved = await requireOwnPassword(ctx, input);
  const passwordHash = await hashPassword(input.password);
  return ctx.db.$transaction(async (tx) => {
    await lockProved(tx, proved);
    const renewed = await renewSession(tx, ctx, input);
    await replacePassword(tx, ctx, { userId, passwordHash });
    return renewed;
  });
}
