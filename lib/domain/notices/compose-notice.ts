import { NOTICE_HEADLINES, type NoticeEvent } from "@/lib/contract/notices";
import { credentialPath } from "@/lib/contract/paths";
import type { NoticeItem } from "./keep-notice";

/** What there is to tell: what happened at the first few repositories, and at how many in all. */
export interface Told {
  event: NoticeEvent;
  organization: string;
  items: readonly NoticeItem[];
  count: number;
  /** The public address of this Latchkey. */
  publicUrl: string;
}

/** The message for a mailbox, in plain text. */
export function noticeMail({ organization, items, count, event, publicUrl }: Told): { subject: string; body: string } {
  const where = count === 1 ? oneLine(items[0]!.repository) : `${count} times`;
  const paragraphs = items.map(
    ({ repository, says }) =>
      `${oneLine(repository)}\n${oneLine(says)}\n${publicUrl}${credentialPath(organization, repository)}`,
  );
  return {
    subject: `[${organization}] ${NOTICE_HEADLINES[event]}: ${where}`,
    body: [...paragraphs, ...more(items, count)].join("\n\n"),
  };
}

/** The body that Slack's incoming webhooks take, and those that speak like them. */
export function noticeForSlack({ organization, items, count, event, publicUrl }: Told): string {
  const lines = items.map(
    ({ repository, says }) =>
      `• <${publicUrl}${credentialPath(organization, repository)}|${escaped(repository)}>: ${escaped(says)}`,
  );
  const text = [`*${NOTICE_HEADLINES[event]}* in ${organization}`, ...lines, ...more(items, count)].join("\n");
  return JSON.stringify({ text });
}

function more(items: readonly unknown[], count: number): string[] {
  return count > items.length ? [`And ${count - items.length} more.`] : [];
}

/** A line end in a name would begin a line of its own: in a head, a field of the message. */
function oneLine(text: string): string {
  return text.replace(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, " ").trim();
}

/** Slack reads these three signs as the beginnings of links and of calls to everybody. */
function escaped(text: string): string {
  return oneLine(text).replaceAll("&", "&amp;").replaceAll("<", "&lt;").replaceAll(">", "&gt;");
}
