import { requirePermission } from "../access/permissions";
import { recordAudit } from "../audit/record-audit";
import type { Context } from "../context";
import { webhookNotFound } from "./find-webhook";
import { requireWholeOrganization } from "../access/require-whole-organization";

/** Ends a webhook with its secret and its log: nothing more is sent to it. Throws `not_found`. */
export async function removeWebhook(ctx: Context, { id }: { id: string }): Promise<void> {
  requirePermission(ctx.actor, "webhook:write");
  requireWholeOrganization(ctx.actor);
  const own = { id, organizationId: ctx.actor.organizationId };
  await ctx.db.$transaction(async (tx) => {
    const webhook = await tx.webhook.findFirst({ where: own, select: { url: true } });
    const { count } = await tx.webhook.deleteMany({ where: own });
    if (!webhook || count === 0) throw webhookNotFound();
    await recordAudit(tx, ctx, {
      action: "webhook.removed",
      targetId: id,
      details: { host: new URL(webhook.url).host },
    });
  });
}
