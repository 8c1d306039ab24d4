import type { MailReason } from "@/lib/contract/notices";

export interface Mail {
  to: string;
  subject: string;
  text: string;
  /** The same at every attempt, so that a message that arrives twice is known for one. */
  id: string;
}

/** How an attempt ended; `final` says that another one would end the same. */
export type MailResult = { taken: true } | { taken: false; reason: MailReason; final: boolean };

/** Hands messages to the operator's mail server. */
export interface Mailer {
  send(mail: Mail, signal: AbortSignal): Promise<MailResult>;
}
