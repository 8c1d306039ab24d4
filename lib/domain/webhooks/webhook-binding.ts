import type { SealBinding } from "../vault/envelope";

/** What a webhook's signing secret is sealed to: moved to another webhook, or an address changed, it does not open. */
export function webhookBinding(webhook: { organizationId: string; id: string; url: string }): SealBinding {
  return ["webhook", webhook.organizationId, webhook.id, webhook.url];
}
