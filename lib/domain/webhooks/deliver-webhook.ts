import type { Context } from "../context";
import type { DeliveryJob } from "./enqueue-delivery";
import { keepAttempt } from "./keep-attempt";
import { openWebhookSecret } from "./open-webhook-secret";
import { sendSigned, sendToSlack, type Attempt } from "./post-delivery";

/**
 * Makes one attempt at a delivery and keeps what came of it. Returns whether it wants another one; `last` says that
 * there is none. An answer of 200 to 299 is a yes; redirects are not followed, and no answer's body is read.
 */
export async function deliverWebhook(
  ctx: Omit<Context, "actor">,
  { deliveryId }: DeliveryJob,
  { last, signal }: { last: boolean; signal: AbortSignal },
): Promise<"done" | "again"> {
  const delivery = await ctx.db.webhookDelivery.findUnique({
    where: { id: deliveryId },
    select: {
      id: true,
      event: true,
      payload: true,
      state: true,
      webhook: { include: { organization: { select: { slug: true } } } },
    },
  });
  if (delivery?.state !== "waiting") return "done";
  const { webhook, payload } = delivery;
  const secret = await openWebhookSecret(ctx, webhook);
  const attempt: Attempt =
    secret === null
      ? { status: null, reason: "secret_unreadable" }
      : webhook.format === "slack"
        ? await sendToSlack(ctx, secret.toString("utf8"), { body: payload, signal })
        : await sendSigned(ctx, webhook.url, { delivery, secret, signal });
  secret?.fill(0);
  // Stopped in the middle of it: that says nothing of the webhook.
  if (signal.aborted && attempt.status === null) return "again";
  const final = last || attempt.reason === "secret_unreadable";
  return (await keepAttempt(ctx, { id: delivery.id, webhookId: webhook.id, attempt, final })) === "waiting"
    ? "again"
    : "done";
}
