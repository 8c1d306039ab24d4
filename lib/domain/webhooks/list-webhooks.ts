import type { WebhookEvent, WebhookRow } from "@/lib/contract/webhooks";
import type { Prisma } from "@/lib/platform/prisma-client/client";
import { requirePermission } from "../access/permissions";
import type { Context } from "../context";
import { webhookNotFound } from "./find-webhook";
import { MAX_WEBHOOKS } from "./add-webhook";
import { requireWholeOrganization } from "../access/require-whole-organization";

const SELECT = {
  id: true,
  format: true,
  url: true,
  events: true,
  addedBy: true,
  createdAt: true,
  pausedAt: true,
  deliveries: {
    where: { lastAttemptAt: { not: null } },
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    take: 1,
    select: { state: true, lastAttemptAt: true },
  },
} satisfies Prisma.WebhookSelect;

/** The organization's webhooks, newest first. */
export async function listWebhooks(ctx: Context): Promise<WebhookRow[]> {
  requirePermission(ctx.actor, "webhook:read");
  requireWholeOrganization(ctx.actor);
  const rows = await ctx.db.webhook.findMany({
    where: { organizationId: ctx.actor.organizationId },
    orderBy: [{ createdAt: "desc" }, { id: "desc" }],
    take: MAX_WEBHOOKS,
    select: SELECT,
  });
  return rows.map(toRow);
}

/** One of them. Throws `not_found`. */
export async function readWebhook(ctx: Context, id: string): Promise<WebhookRow> {
  requirePermission(ctx.actor, "webhook:read");
  const row = await ctx.db.webhook.findFirst({
    where: { id, organizationId: ctx.actor.organizationId },
    select: SELECT,
  });
  if (!row) throw webhookNotFound();
  return toRow(row);
}

function toRow({
  deliveries: [newest],
  events,
  ...row
}: Prisma.WebhookGetPayload<{ select: typeof SELECT }>): WebhookRow {
  return {
    ...row,
    events: events as WebhookEvent[],
    last: newest?.lastAttemptAt ? { state: newest.state, at: newest.lastAttemptAt } : null,
  };
}
