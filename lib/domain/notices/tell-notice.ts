import { sqltag as sql } from "@prisma/client/runtime/client";
import type { NoticeEvent } from "@/lib/contract/notices";
import type { Context, Transaction } from "../context";
import { sendDelivery } from "../webhooks/send-delivery";
import { noticeForSlack, noticeMail, type Told } from "./compose-notice";
import { noticeJobCall, type NoticeJob } from "./enqueue-notice";
import type { NoticeItem } from "./keep-notice";
import { putMail } from "./put-mail";

const HOUR_MS = 60 * 60 * 1000;

interface Held {
  items: NoticeItem[];
  count: number;
  told_at: Date | null;
  slug: string;
}

/**
 * Makes one message of everything that is kept of an event for a recipient, and puts it on its way: by mail to a member,
 * or to a Slack address. "postponed" where the last one is less than an hour old, whichever instance made it; "nothing"
 * where nothing is kept, and where the recipient is gone.
 */
export async function tellNotice(
  ctx: Pick<Context, "db" | "clock">,
  { publicUrl }: { publicUrl: string },
  { organizationId, recipient, event }: NoticeJob,
): Promise<"told" | "postponed" | "nothing"> {
  const now = ctx.clock();
  const key = { organizationId_recipient_event: { organizationId, recipient, event } };
  return ctx.db.$transaction(async (tx) => {
    // The row's lock is what several instances take turns by.
    const [held] = await tx.$queryRaw<Held[]>(sql`
      SELECT n.items, n.count, n.told_at, o.slug FROM notice n JOIN organization o ON o.id = n.organization_id
      WHERE n.organization_id = ${organizationId} AND n.recipient = ${recipient} AND n.event = ${event} AND n.count > 0
      FOR UPDATE OF n`);
    if (!held) return "nothing";
    if (held.told_at && now.getTime() < held.told_at.getTime() + HOUR_MS) {
      const [to, at] = [sql`${recipient}::text`, sql`${held.told_at}::timestamptz`];
      await tx.$queryRaw(sql`SELECT ${noticeJobCall({ organizationId, event, now }, { recipient: to, toldAt: at })}`);
      return "postponed";
    }
    const { items, count, slug } = held;
    const told = { event: event as NoticeEvent, organization: slug, items, count, publicUrl };
    if (!(await put(tx, ctx, { organizationId, recipient }, told))) {
      await tx.notice.delete({ where: key });
      return "nothing";
    }
    await tx.notice.update({ where: key, data: { items: [], count: 0, toldAt: now } });
    return "told";
  });
}

/** False where the recipient has left the organization, was removed, or has stopped. */
async function put(
  tx: Transaction,
  ctx: Pick<Context, "clock">,
  { organizationId, recipient }: Omit<NoticeJob, "event">,
  told: Told,
): Promise<boolean> {
  const { event } = told;
  if (await tx.membership.count({ where: { organizationId, userId: recipient } })) {
    await putMail(tx, ctx, { organizationId, userId: recipient, event, ...noticeMail(told) });
    return true;
  }
  const where = { id: recipient, organizationId, format: "slack", pausedAt: null } as const;
  if (!(await tx.webhook.count({ where }))) return false;
  await sendDelivery(tx, ctx, { webhookId: recipient, event, payload: noticeForSlack(told) });
  return true;
}

/** Forgets when recipients were last told, once it does not matter any more. */
export async function forgetTold(ctx: Pick<Context, "db" | "clock">): Promise<void> {
  const before = new Date(ctx.clock().getTime() - HOUR_MS);
  await ctx.db.notice.deleteMany({ where: { count: 0, toldAt: { lt: before } } });
}
