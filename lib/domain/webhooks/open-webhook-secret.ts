import { recordAudit } from "../audit/record-audit";
import type { Context } from "../context";
import { openSealed, type SealedSecret } from "../vault/envelope";
import { webhookBinding } from "./webhook-binding";

/**
 * What a webhook's deliveries are signed with, or of Slack its whole address. Null where it does not open, which is
 * recorded.
 */
export async function openWebhookSecret(
  ctx: Omit<Context, "actor">,
  webhook: SealedSecret & { organizationId: string; organization: { slug: string }; id: string; url: string },
): Promise<Buffer | null> {
  try {
    return openSealed(ctx.vault.keyRing, webhookBinding(webhook), webhook);
  } catch {
    const { organizationId, organization, id: targetId, url } = webhook;
    const place = { organizationId, organizationSlug: organization.slug };
    const actor = { kind: "system", name: "webhooks", ...place } as const;
    const host = URL.canParse(url) ? new URL(url).host : null;
    await ctx.db.$transaction((tx) =>
      recordAudit(tx, { ...ctx, actor }, { action: "webhook.unreadable", targetId, details: { host } }),
    );
    return null;
  }
}
