import type { Transaction } from "../context";
import { DomainError } from "../errors";

/** Deliveries that wait for one webhook, beyond which nobody adds to them by hand. */
export const MOST_WAITING_BY_HAND = 100;

/** Throws `queue_full` where so much waits for a webhook already that a test or a replay would tell nothing. */
export async function requireRoom(tx: Transaction, webhookId: string): Promise<void> {
  if ((await tx.webhookDelivery.count({ where: { webhookId, state: "waiting" } })) < MOST_WAITING_BY_HAND) return;
  throw new DomainError(
    "queue_full",
    `${MOST_WAITING_BY_HAND} deliveries wait for this webhook already. Try again when some have arrived.`,
    { retryAfter: 60 },
  );
}
