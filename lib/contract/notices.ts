import { z } from "zod";
import { eventBoxes, eventField, ticked, webhookUrl, type DeliveryState, type WebhookEvent } from "./webhooks";

/** What people can be told of, by mail and in Slack. */
export const NOTICE_EVENTS = [
  "credential.rejected",
  "repo.sync.paused",
  "credential.expiring",
  "credential.rolled_back",
  "credential.renewed",
  "credential.rotated",
] as const satisfies readonly WebhookEvent[];

export type NoticeEvent = (typeof NOTICE_EVENTS)[number];

/** What each event is called at the head of a message. */
export const NOTICE_HEADLINES: Record<NoticeEvent, string> = {
  "credential.rejected": "Credential rejected",
  "repo.sync.paused": "Pulling paused",
  "credential.expiring": "Token expiring",
  "credential.rolled_back": "Credential rolled back",
  "credential.renewed": "Token renewed",
  "credential.rotated": "Credential rotated",
};

/** What owners and admins are told of until they choose; viewers are told of nothing. */
export const NOTICES_AT_FIRST: readonly NoticeEvent[] = [
  "credential.rejected",
  "repo.sync.paused",
  "credential.expiring",
  "credential.rolled_back",
];

/** The event of a message that says nothing but that it is a test. */
export const TEST_MAIL = "test";

/** Why a message was not taken by the mail server. */
export const MAIL_REASONS = [
  "off",
  "name",
  "connection",
  "time",
  "certificate",
  "no_tls",
  "sign_in",
  "refused",
  "host_error",
] as const;

export type MailReason = (typeof MAIL_REASONS)[number];

/** The form in which members choose: a box for each event, and none is an answer too. */
export const noticeChoiceForm = z
  .object(eventBoxes(NOTICE_EVENTS))
  .transform((boxes) => ({ events: ticked(NOTICE_EVENTS, boxes) }));

/** The form for a Slack address; at least one box is ticked. */
export const addSlackForm = z
  .object({ url: webhookUrl, ...eventBoxes(NOTICE_EVENTS) })
  .transform(({ url, ...boxes }) => ({ url, events: ticked(NOTICE_EVENTS, boxes) }))
  .refine(({ events }) => events.length > 0, {
    path: [eventField(NOTICE_EVENTS[0])],
    message: "Choose at least one event.",
  });

/** A form of one button. */
export const sendTestMailForm = z.object({});

export const noticesPageQuery = z.object({
  done: z.enum(["asked"]).optional().catch(undefined),
  page: z.coerce.number().int().min(1).max(100).catch(1),
});

/** A message as the dashboard's components get it. */
export interface MailRow {
  id: string;
  event: string;
  email: string;
  subject: string;
  createdAt: Date;
  state: DeliveryState;
  attempts: number;
  lastAttemptAt: Date | null;
  reason: MailReason | null;
}

const REASONS: Record<MailReason, string> = {
  off: "Mail was turned off before its turn.",
  name: "The mail server's name does not resolve.",
  connection: "The mail server did not answer.",
  time: "The mail server did not answer in time.",
  certificate: "The mail server's TLS certificate is not trusted.",
  no_tls: "The mail server offers no TLS, so nothing was sent.",
  sign_in: "The mail server refused the username and password it was given.",
  refused: "The mail server refused the message or its recipient for good.",
  host_error: "The mail server could not take it.",
};

/** What came of a message, in a sentence. */
export function mailSentence({ state, reason }: Pick<MailRow, "state" | "reason">): string {
  if (state === "delivered") return "The mail server took it.";
  return reason === null ? "Not sent yet." : REASONS[reason];
}
