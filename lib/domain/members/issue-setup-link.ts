import type { Context } from "../context";
import { newLinkToken } from "./link-token";

const LIFETIME_MS = 24 * 60 * 60 * 1000;

/**
 * A fresh token for the first administrator's set-up, good once and for a day; earlier ones end. Undefined once anybody
 * can sign in.
 */
export async function issueSetupLink(ctx: Pick<Context, "db" | "clock">): Promise<string | undefined> {
  const { token, tokenHash } = newLinkToken();
  return ctx.db.$transaction(async (tx) => {
    if (await tx.user.findFirst({ select: { id: true } })) return undefined;
    await tx.oneTimeLink.deleteMany({ where: { purpose: "setup" } });
    await tx.oneTimeLink.create({
      data: { tokenHash, purpose: "setup", expiresAt: new Date(ctx.clock().getTime() + LIFETIME_MS) },
    });
    return token;
  });
}
