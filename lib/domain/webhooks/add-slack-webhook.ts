import type { NoticeEvent } from "@/lib/contract/notices";
import type { WebhookRow } from "@/lib/contract/webhooks";
import type { Context } from "../context";
import { addWebhook } from "./add-webhook";

/**
 * Has notices posted to one of Slack's incoming webhooks, or of what speaks like them. Who has its address can post there,
 * so it is sealed as a secret is, and only its host is shown. Throws as `addWebhook`.
 */
export function addSlackWebhook(ctx: Context, input: { url: string; events: NoticeEvent[] }): Promise<WebhookRow> {
  const { origin, href } = new URL(input.url);
  return addWebhook(ctx, { format: "slack", url: origin, secret: href, events: input.events });
}
