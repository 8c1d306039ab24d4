import { recordAudit } from "../audit/record-audit";
import type { Context, Transaction } from "../context";

/** Records that Latchkey itself has paused a webhook, or has let it go on. */
export async function recordPause(
  tx: Transaction,
  ctx: Pick<Context, "clock" | "requestId" | "address">,
  webhook: { id: string; organizationId: string; organizationSlug: string; url: string },
  action: "webhook.paused" | "webhook.resumed",
): Promise<void> {
  const { id, organizationId, organizationSlug, url } = webhook;
  const actor = { kind: "system", name: "delivery", organizationId, organizationSlug } as const;
  await recordAudit(tx, { ...ctx, actor }, { action, targetId: id, details: { host: new URL(url).host } });
}
