import { sqltag as sql } from "@prisma/client/runtime/client";
import type { Context, Transaction } from "../context";
import { newId } from "../new-id";

/** What the worker is told of a message. */
export interface MailJob {
  mailId: string;
}

/** With the queue's growing pauses the last attempt is about four hours after the first. */
const MAX_ATTEMPTS = 10;
/** Of each organization. */
export const KEPT_MAILS = 500;

interface NewMail {
  organizationId: string;
  userId: string;
  event: string;
  subject: string;
  body: string;
}

/** Puts one message to one member into the log and into the queue; the log's oldest make room. */
export async function putMail(tx: Transaction, ctx: Pick<Context, "clock">, mail: NewMail): Promise<void> {
  const id = newId("mail");
  const { organizationId } = mail;
  await tx.mailDelivery.create({ data: { id, createdAt: ctx.clock(), ...mail } });
  await tx.$queryRaw(sql`
    SELECT (graphile_worker.add_job(
      'send_mail', json_build_object('mailId', ${id}::text), max_attempts := ${MAX_ATTEMPTS}::int
    )).id::text`);
  await tx.$executeRaw(sql`
    DELETE FROM mail_delivery
    WHERE organization_id = ${organizationId} AND state <> 'waiting' AND (created_at, id) < (
      SELECT created_at, id FROM mail_delivery WHERE organization_id = ${organizationId}
      ORDER BY created_at DESC, id DESC OFFSET ${KEPT_MAILS - 1} LIMIT 1
    )`);
}
