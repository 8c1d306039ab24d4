import { z } from "zod";

/** GitLab's scopes with which a token may renew itself. */
export const RENEWING_SCOPES = ["self_rotate", "api"] as const;

/** A token is renewed so many days before its end, or with a third of its life left, where that is later. */
export const RENEW_DAYS = 7;

/** Who stages and puts in place what a host has renewed. */
export const RENEWAL_ACTOR = "renewal";

const DAY_MS = 24 * 60 * 60 * 1000;

/** When a token is renewed that is known since then and ends then. */
export function renewalDate({ since, expiresAt }: { since: Date; expiresAt: Date }): Date {
  const third = (expiresAt.getTime() - since.getTime()) / 3;
  return new Date(expiresAt.getTime() - Math.min(RENEW_DAYS * DAY_MS, third));
}

export const RENEWAL_OUTCOMES = ["renewed", "refused", "rejected", "unreachable", "cut_off"] as const;

export type RenewalOutcome = (typeof RENEWAL_OUTCOMES)[number];

/** How it stands with a credential's renewal, as the dashboard's components get it. */
export interface RenewalRow {
  /** Whether it was turned on. */
  on: boolean;
  /** Whether the host lets the token renew itself, as far as is known. */
  possible: boolean;
  /** When it is renewed next; null where its end is not known, or was. */
  nextAt: Date | null;
  /** Another repository whose credential shares the token and has its renewal turned on. */
  together: string | null;
  /** How the last attempt at the token in use failed. */
  failed: { outcome: Exclude<RenewalOutcome, "renewed">; at: Date } | null;
}

/** What came of an attempt that failed. */
export function renewalSentence(outcome: Exclude<RenewalOutcome, "renewed">, host: string): string {
  switch (outcome) {
    case "refused":
      return `${host} did not let this token renew itself. It is asked again every day.`;
    case "rejected":
      return `${host} does not know this token any more, so it cannot renew itself.`;
    case "unreachable":
      return `${host} could not be asked to renew this token, and nothing has changed. It is asked again within the hour.`;
    case "cut_off":
      return `The renewal was cut off: ${host} has ended this token, and the new one was lost on its way. It is shown once and cannot be asked for again.`;
  }
}

/** The dashboard's form. */
export const chooseRenewalForm = z.object({ id: z.string().min(1), on: z.enum(["true", "false"]) });
