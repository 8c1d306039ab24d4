import type { SecondFactorFacts } from "@/lib/contract/second-factor";
import type { Context } from "../context";
import { begunSince } from "./begun-since";

/** What is known of one's own second factor; never its secret. */
export async function readSecondFactor(
  ctx: Pick<Context, "db" | "clock">,
  { userId }: { userId: string },
): Promise<SecondFactorFacts> {
  const { passwordHash, secondFactor } = await ctx.db.user.findUniqueOrThrow({
    where: { id: userId },
    select: {
      passwordHash: true,
      secondFactor: { select: { confirmedAt: true, createdAt: true, _count: { select: { recoveryCodes: true } } } },
    },
  });
  const since = secondFactor?.confirmedAt ?? null;
  const begun = secondFactor && secondFactor.createdAt > begunSince(ctx.clock());
  return {
    state: since ? "on" : begun ? "begun" : "off",
    since,
    recoveryCodesLeft: secondFactor?._count.recoveryCodes ?? 0,
    hasPassword: passwordHash !== null,
  };
}
