import type { Webhook } from "@/lib/platform/prisma-client/client";
import type { Context } from "../context";
import { DomainError } from "../errors";

/** Throws `not_found` for a webhook that is unknown or another organization's, in the same words. */
export async function findWebhook(ctx: Context, id: string): Promise<Pick<Webhook, "id" | "url" | "format">> {
  const webhook = await ctx.db.webhook.findFirst({
    where: { id, organizationId: ctx.actor.organizationId },
    select: { id: true, url: true, format: true },
  });
  if (!webhook) throw webhookNotFound();
  return webhook;
}

export function webhookNotFound(): DomainError {
  return new DomainError("not_found", "There is no such webhook in this organization.");
}
