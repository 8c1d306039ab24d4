import type { Context } from "../context";
import { hashPassword, requireOwnPassword } from "./password";
import { replacePassword } from "./replace-password";

/** Changes one's own password and ends one's other sessions. Throws `invalid_request` for a wrong current password. */
export async function changePassword(
  ctx: Pick<Context, "db" | "clock" | "requestId" | "address">,
  input: { userId: string; sessionId: string; current: string; password: string },
): Promise<void> {
  const { userId, sessionId } = input;
  await requireOwnPassword(ctx, input);
  const passwordHash = await hashPassword(input.password);
  await ctx.db.$transaction((tx) => replacePassword(tx, ctx, { userId, passwordHash, keepSessionId: sessionId }));
}
