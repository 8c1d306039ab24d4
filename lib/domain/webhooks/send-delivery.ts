import { sqltag as sql } from "@prisma/client/runtime/client";
import type { Context, Transaction } from "../context";
import { deliveryJobCall } from "./enqueue-delivery";
import { newId } from "../new-id";

/** Puts one delivery to one webhook into its log and into the queue. */
export async function sendDelivery(
  tx: Transaction,
  ctx: Pick<Context, "clock">,
  { webhookId, event, payload }: { webhookId: string; event: string; payload: string },
): Promise<void> {
  const id = newId("dlv");
  await tx.webhookDelivery.create({ data: { id, webhookId, event, payload, createdAt: ctx.clock() } });
  await tx.$queryRaw(sql`SELECT ${deliveryJobCall(sql`${id}::text`, sql`${webhookId}::text`)}`);
}
