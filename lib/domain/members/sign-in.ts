import type { Context } from "../context";
import { DomainError } from "../errors";
import type { Proved } from "./lock-user";
import { passwordMatches } from "./password";

/**
 * Who the e-mail address and password belong to, and whether a code of their second factor is still to be asked for.
 * Throws `invalid_request`, alike for an unknown address.
 */
export async function signIn(
  ctx: Pick<Context, "db">,
  input: { email: string; password: string },
): Promise<Proved & { secondFactor: boolean }> {
  const user = await ctx.db.user.findUnique({
    where: { email: input.email },
    select: { id: true, passwordHash: true, epoch: true },
  });
  const matches = await passwordMatches(user?.passwordHash, input.password);
  if (!user || !matches) {
    throw new DomainError(
      "invalid_request",
      "This e-mail address and password do not belong together. Check both; an operator can make you a reset link.",
    );
  }
  const { id: userId, epoch } = user;
  // Asked for once the password is right: until then an address that nobody has takes the same statements.
  const factor = await ctx.db.secondFactor.findFirst({
    where: { userId, confirmedAt: { not: null } },
    select: { userId: true },
  });
  return { userId, epoch, secondFactor: factor !== null };
}
