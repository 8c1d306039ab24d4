import { requirePermission } from "../access/permissions";
import { recordAudit } from "../audit/record-audit";
import type { Context } from "../context";
import { DomainError } from "../errors";
import { requireRoom } from "./require-room";
import { sendDelivery } from "./send-delivery";

/** Sends the same body again, signed anew, as a delivery of its own. Throws `not_found`, and as `requireRoom`. */
export async function replayDelivery(ctx: Context, input: { id: string }): Promise<{ id: string }> {
  requirePermission(ctx.actor, "webhook:write");
  const delivery = await ctx.db.webhookDelivery.findFirst({
    where: { id: input.id, webhook: { organizationId: ctx.actor.organizationId } },
    select: { event: true, payload: true, webhook: { select: { id: true, url: true } } },
  });
  if (!delivery) throw new DomainError("not_found", "There is no such delivery in this organization.");
  const { event, payload, webhook } = delivery;
  await ctx.db.$transaction(async (tx) => {
    // The chain before the webhook, as a removal takes them; it has acts of the organization come one after the other.
    await recordAudit(tx, ctx, {
      action: "webhook.replayed",
      targetId: webhook.id,
      details: { host: new URL(webhook.url).host, event },
    });
    await requireRoom(tx, webhook.id);
    await sendDelivery(tx, ctx, { webhookId: webhook.id, event, payload });
  });
  return { id: webhook.id };
}
