import type { Context } from "../context";
import { DomainError } from "../errors";
import { useOneTimeLink } from "./one-time-link";
import { hashPassword } from "./password";
import { replacePassword } from "./replace-password";

/** Sets a new password by a reset link and ends every session of the user. Throws `not_found` for a link no longer good. */
export async function resetPassword(
  ctx: Pick<Context, "db" | "clock" | "requestId">,
  input: { token: string; password: string },
): Promise<{ userId: string }> {
  const passwordHash = await hashPassword(input.password);
  return ctx.db.$transaction(async (tx) => {
    const { userId } = await useOneTimeLink(tx, ctx, "reset", input.token);
    if (!userId) throw new DomainError("not_found", "This link belongs to nobody.");
    await replacePassword(tx, ctx, { userId, passwordHash, by: "reset link" });
    return { userId };
  });
}
