import type { DeliveryState } from "@/lib/contract/webhooks";
import { noticesPath } from "@/lib/contract/paths";
import type { Context } from "../context";
import type { Mailer, MailResult } from "./mailer";
import type { MailJob } from "./put-mail";

/**
 * Makes one attempt at a message and keeps what came of it. Returns whether it wants another one; `last` says that there
 * is none. A message to a member who has been removed is gone with the membership.
 */
export async function sendMail(
  ctx: Pick<Context, "db" | "clock">,
  { mailer, publicUrl }: { mailer: Mailer | null; publicUrl: string },
  { mailId }: MailJob,
  { last, signal }: { last: boolean; signal: AbortSignal },
): Promise<"done" | "again"> {
  const mail = await ctx.db.mailDelivery.findUnique({
    where: { id: mailId },
    select: {
      subject: true,
      body: true,
      state: true,
      membership: { select: { user: { select: { email: true } }, organization: { select: { slug: true } } } },
    },
  });
  if (mail?.state !== "waiting") return "done";
  const { user, organization } = mail.membership;
  const foot = `You get this as a member of ${organization.slug} on Latchkey. Choose what you are told of:\n${publicUrl}${noticesPath(organization.slug)}`;
  const result: MailResult = mailer
    ? await mailer.send(
        { id: mailId, to: user.email, subject: mail.subject, text: `${mail.body}\n\n-- \n${foot}\n` },
        signal,
      )
    : { taken: false, reason: "off", final: true };
  // Stopped in the middle of it: that says nothing of the server.
  if (signal.aborted && !result.taken) return "again";
  const state: DeliveryState = result.taken ? "delivered" : result.final || last ? "given_up" : "waiting";
  await ctx.db.mailDelivery.updateMany({
    where: { id: mailId },
    data: {
      state,
      reason: result.taken ? null : result.reason,
      attempts: { increment: 1 },
      lastAttemptAt: ctx.clock(),
    },
  });
  return state === "waiting" ? "again" : "done";
}
