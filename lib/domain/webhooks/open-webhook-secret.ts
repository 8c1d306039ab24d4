import type { Context } from "../context";
import { openSealed, type SealedSecret } from "../vault/envelope";
import { webhookBinding } from "./webhook-binding";

/** What a webhook's deliveries are signed with, or of Slack its whole address. Null where it does not open. */
export function openWebhookSecret(
  { vault }: Pick<Context, "vault">,
  webhook: SealedSecret & { organizationId: string; id: string; url: string },
): Buffer | null {
  try {
    return openSealed(vault.keyRing, webhookBinding(webhook), webhook);
  } catch {
    return null;
  }
}
