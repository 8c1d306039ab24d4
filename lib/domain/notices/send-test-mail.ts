import { TEST_MAIL } from "@/lib/contract/notices";
import { requirePermission } from "../access/permissions";
import type { Context } from "../context";
import { DomainError } from "../errors";
import { putMail } from "./put-mail";
import { requireMember } from "./require-member";

const HOUR_MS = 60 * 60 * 1000;
export const TESTS_AN_HOUR = 5;

/**
 * Sends the member who asks a message that says nothing but that it is a test. Throws `conflict` while mail is off, and
 * `throttled` after some of them in an hour.
 */
export async function sendTestMail(ctx: Context): Promise<void> {
  requirePermission(ctx.actor, "notice:choose");
  const { organizationId, organizationSlug, userId } = requireMember(ctx.actor);
  if (ctx.mailFrom === null) {
    throw new DomainError("conflict", "Mail is off. The operator turns it on with LATCHKEY_SMTP_URL.");
  }
  const since = new Date(ctx.clock().getTime() - HOUR_MS);
  await ctx.db.$transaction(async (tx) => {
    // Tests that are asked for at once are counted one after the other.
    await tx.$queryRaw`
      SELECT user_id FROM membership WHERE organization_id = ${organizationId} AND user_id = ${userId}
      FOR NO KEY UPDATE`;
    const sent = await tx.mailDelivery.count({
      where: { organizationId, userId, event: TEST_MAIL, createdAt: { gt: since } },
    });
    if (sent >= TESTS_AN_HOUR) {
      const message = `You have sent yourself ${TESTS_AN_HOUR} tests within an hour. The log below shows what became of them.`;
      throw new DomainError("throttled", message, { retryAfter: HOUR_MS / 1000 });
    }
    await putMail(tx, ctx, {
      organizationId,
      userId,
      event: TEST_MAIL,
      subject: `[${organizationSlug}] Test`,
      body: "This is a test. Where it arrives, notices of this organization will.",
    });
  });
}
