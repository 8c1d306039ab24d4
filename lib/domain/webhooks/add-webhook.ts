import type { WebhookEvent, WebhookFormat, WebhookRow } from "@/lib/contract/webhooks";
import { actorName } from "../access/actor";
import { requirePermission } from "../access/permissions";
import { recordAudit } from "../audit/record-audit";
import type { Context } from "../context";
import { DomainError } from "../errors";
import { newId } from "../new-id";
import { requireWholeOrganization } from "../access/require-whole-organization";
import { webhookBinding } from "./webhook-binding";

/** Each event becomes a delivery to every webhook that wants it, so there cannot be many. */
export const MAX_WEBHOOKS = 20;

/**
 * Has events delivered to this address from now on, signed with this secret; in Slack's format `secret` is the whole
 * address and `url` its host alone. Throws `invalid_request` for an address that no delivery may reach, and `conflict`
 * where the organization has as many as it can have.
 */
export async function addWebhook(
  ctx: Context,
  input: { url: string; secret: string; events: WebhookEvent[]; format?: WebhookFormat },
): Promise<WebhookRow> {
  requirePermission(ctx.actor, "webhook:write");
  requireWholeOrganization(ctx.actor);
  const { host, href: url } = new URL(input.url);
  const { format = "signed", events } = input;
  if (ctx.egress.deniesLiteral(host)) {
    const message = "This address is not public. The operator of Latchkey can allow it with LATCHKEY_EGRESS_ALLOW.";
    throw new DomainError("invalid_request", message, { fields: { url: message } });
  }
  const { organizationId } = ctx.actor;
  const id = newId("whk");
  const createdAt = ctx.clock();
  const addedBy = actorName(ctx.actor);
  const sealed = ctx.vault.sealText(webhookBinding({ organizationId, id, url }), input.secret);
  await ctx.db.$transaction(async (tx) => {
    // Webhooks that are added at once are counted one after the other.
    await tx.$queryRaw`SELECT seq FROM audit_chain WHERE organization_id = ${organizationId} FOR UPDATE`;
    if ((await tx.webhook.count({ where: { organizationId } })) >= MAX_WEBHOOKS) {
      throw new DomainError("conflict", `An organization has at most ${MAX_WEBHOOKS} webhooks. Remove one first.`);
    }
    await tx.webhook.create({
      data: { id, organizationId, format, url, events, addedBy, createdAt, ...sealed },
    });
    await recordAudit(tx, ctx, {
      action: "webhook.added",
      targetId: id,
      details: { host, events: events.join(" ") },
    });
  });
  return { id, format, url, events, addedBy, createdAt, pausedAt: null, last: null };
}
