import type { DeliveryReason } from "@/lib/contract/webhooks";
import type { Context } from "../context";
import { withDeadline } from "../upstream/deadline";
import { UpstreamUnreachable } from "../upstream/upstream-client";
import type { DeliveryJob } from "./enqueue-delivery";
import { keepAttempt } from "./keep-attempt";
import { signDelivery } from "./sign-delivery";

const DEADLINE_MS = 10_000;

export interface Attempt {
  status: number | null;
  reason: DeliveryReason | null;
}

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
    select: { id: true, event: true, payload: true, state: true, webhook: true },
  });
  if (delivery?.state !== "waiting") return "done";
  const { webhook, event, payload } = delivery;
  const signature = signDelivery(ctx, webhook, payload);
  const attempt: Attempt =
    signature === null
      ? { status: null, reason: "secret_unreadable" }
      : await send(ctx, webhook.url, {
          body: payload,
          headers: {
            "content-type": "application/json",
            "user-agent": "latchkey-webhooks",
            "x-pierre-event": event,
            "x-pierre-signature": signature,
            "x-latchkey-delivery": delivery.id,
          },
          signal,
        });
  // Stopped in the middle of it: that says nothing of the webhook.
  if (signal.aborted && attempt.status === null) return "again";
  const final = last || attempt.reason === "secret_unreadable";
  return (await keepAttempt(ctx, { id: delivery.id, webhookId: webhook.id, attempt, final })) === "waiting"
    ? "again"
    : "done";
}

async function send(
  { upstream }: Pick<Context, "upstream">,
  address: string,
  { signal: caller, ...request }: { body: string; headers: Record<string, string>; signal: AbortSignal },
): Promise<Attempt> {
  const { host, pathname, search } = new URL(address);
  const connection = upstream.connect(host);
  try {
    const status = await withDeadline(DEADLINE_MS, caller, async (signal) => {
      const options = { method: "POST", path: `${pathname}${search}`, signal, ...request } as const;
      const { status } = await connection.open({ ...options, body: Buffer.from(request.body) });
      return status;
    });
    return { status, reason: null };
  } catch (error) {
    if (!(error instanceof UpstreamUnreachable)) throw error;
    return { status: null, reason: error.reason };
  } finally {
    connection.close();
  }
}
