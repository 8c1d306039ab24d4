import { TEST_EVENT } from "@/lib/contract/webhooks";
import { requirePermission } from "../access/permissions";
import { recordAudit } from "../audit/record-audit";
import type { Context } from "../context";
import { findWebhook } from "./find-webhook";
import { requireRoom } from "./require-room";
import { sendDelivery } from "./send-delivery";

/**
 * Sends an event that says nothing but that it is a test; where it arrives, paused deliveries go on. Throws `not_found`, and
 * as `requireRoom`.
 */
export async function sendTest(ctx: Context, input: { id: string }): Promise<{ id: string }> {
  requirePermission(ctx.actor, "webhook:write");
  const { id, url, format } = await findWebhook(ctx, input.id);
  const payload =
    format === "slack"
      ? JSON.stringify({ text: `This is a test. Notices of ${ctx.actor.organizationSlug} on Latchkey will come here.` })
      : JSON.stringify({ type: TEST_EVENT, webhook: { id }, sent_at: ctx.clock().toISOString() });
  await ctx.db.$transaction(async (tx) => {
    // The chain before the webhook, as a removal takes them; it has acts of the organization come one after the other.
    await recordAudit(tx, ctx, { action: "webhook.tested", targetId: id, details: { host: new URL(url).host } });
    await requireRoom(tx, id);
    await sendDelivery(tx, ctx, { webhookId: id, event: TEST_EVENT, payload });
  });
  return { id };
}
