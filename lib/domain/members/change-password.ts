import type { Context } from "../context";
import { DomainError } from "../errors";
import { hashPassword, passwordMatches } from "./password";
import { replacePassword } from "./replace-password";

/** Changes one's own password and ends one's other sessions. Throws `invalid_request` for a wrong current password. */
export async function changePassword(
  ctx: Pick<Context, "db" | "clock" | "requestId">,
  input: { userId: string; sessionId: string; current: string; password: string },
): Promise<void> {
  const { userId, sessionId } = input;
  const user = await ctx.db.user.findUnique({ where: { id: userId }, select: { passwordHash: true } });
  if (!(await passwordMatches(user?.passwordHash, input.current))) {
    const message = "This is not your current password.";
    throw new DomainError("invalid_request", message, { fields: { current: message } });
  }
  const passwordHash = await hashPassword(input.password);
  await ctx.db.$transaction((tx) =>
    replacePassword(tx, ctx, { userId, passwordHash, keepSessionId: sessionId, by: "member" }),
  );
}
