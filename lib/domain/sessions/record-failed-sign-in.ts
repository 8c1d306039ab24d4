import type { SingleSignOnRefusal } from "@/lib/contract/single-sign-on";
import type { Context } from "../context";
import { recordOwnAct } from "../members/record-own-act";

export interface FailedSignIn {
  /** Whose account it was tried with; nothing is recorded where there is none. */
  account: { email: string } | { id: string };
  why: "password" | "code" | SingleSignOnRefusal;
}

/** Says in the audit logs of an account's organizations that somebody tried to sign in as its user and was refused. */
export async function recordFailedSignIn(
  ctx: Pick<Context, "db" | "clock" | "requestId" | "address">,
  { account, why }: FailedSignIn,
): Promise<void> {
  await ctx.db.$transaction(async (tx) => {
    const user = await tx.user.findUnique({ where: account, select: { id: true } });
    if (!user) return;
    // Nobody has shown that it was the user.
    await recordOwnAct(tx, ctx, { userId: user.id, system: "sign-in" }, (email) => ({
      action: "member.sign_in_failed",
      targetId: user.id,
      details: { email, why },
    }));
  });
}
