import { requirePermission } from "../access/permissions";
import { recordAudit } from "../audit/record-audit";
import type { Context } from "../context";
import { webhookNotFound } from "./find-webhook";
import { requireWholeOrganization } from "../access/require-whole-organization";

/** Ends a webhook with its secret and its log: nothing more is sent to it. Throws `not_found`. */
export async function removeWebhook(ctx: Context, { id }: { id: string }): Promise<void> {
  requirePermission(ctx.actor, "webhook:write");
  requireWholeOrganization(ctx.actor);
  const { organizationId } = ctx.actor;
  await ctx.db.$transaction(async (tx) => {
    // Its deletion keeps deliveries from being made, which others make with the chain's head in hand: that comes first.
    const [webhook] = await tx.$queryRaw<{ url: string }[]>`
      SELECT url FROM webhook WHERE id = ${id} AND organization_id = ${organizationId} FOR NO KEY UPDATE`;
    if (!webhook) throw webhookNotFound();
    await recordAudit(tx, ctx, {
      action: "webhook.removed",
      targetId: id,
      details: { host: new URL(webhook.url).host },
    });
    await tx.webhook.delete({ where: { id } });
  });
}
