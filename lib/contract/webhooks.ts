import { z } from "zod";
import { checkbox } from "./checkbox";
import { TEST_REASONS, type TestReason } from "./test-outcome";

/** What a webhook can be told of. */
export const WEBHOOK_EVENTS = [
  "repo.sync.started",
  "repo.sync.succeeded",
  "repo.sync.failed",
  "repo.sync.paused",
  "credential.rejected",
  "credential.rolled_back",
  "credential.expiring",
  "credential.renewed",
  "credential.rotated",
] as const;

export type WebhookEvent = (typeof WEBHOOK_EVENTS)[number];

/** What each event is called, and when it is sent. */
export const WEBHOOK_EVENT_WORDS: Record<WebhookEvent, string> = {
  "repo.sync.started": "A pull begins",
  "repo.sync.succeeded": "A pull succeeds",
  "repo.sync.failed": "A pull fails",
  "repo.sync.paused": "Pulling pauses after three refusals in a row",
  "credential.rejected": "A host rejects a credential that it took, or did not know, before",
  "credential.rolled_back":
    "The previous secret is in use again, by somebody's wish or because the new one was rejected",
  "credential.expiring": "A token ends in 30, 14, 7 days or 1 day",
  "credential.renewed": "A token that renews itself was replaced by a new one",
  "credential.rotated": "Somebody rotated a credential",
};

/** Sent by "Send test" alone, to every webhook whatever it asked for. */
export const TEST_EVENT = "webhook.test";

export const DELIVERY_STATES = ["waiting", "delivered", "given_up"] as const;

export type DeliveryState = (typeof DELIVERY_STATES)[number];

/** Why an attempt had no answer. */
export const DELIVERY_REASONS = [...TEST_REASONS, "secret_unreadable", "paused"] as const;

export type DeliveryReason = (typeof DELIVERY_REASONS)[number];

export const webhookUrl = z
  .string("url is required, as text.")
  .trim()
  .max(2000, "A webhook's address has at most 2000 characters.")
  .refine((url) => URL.canParse(url) && new URL(url).protocol === "https:", "The address must begin with https://.")
  .refine((url) => {
    const parsed = URL.canParse(url) ? new URL(url) : undefined;
    return !parsed?.username && !parsed?.password && !parsed?.hash;
  }, "The address holds a name, a password or a part behind #, which would not be sent. Leave it out.");

const webhookSecret = z
  .string("secret is required, as text.")
  .min(16, "The secret needs at least 16 characters.")
  .max(256, "The secret has at most 256 characters.")
  .regex(/^[\x21-\x7e]*$/, "The secret may hold letters, digits and signs, and no blanks.");

const webhookEvents = z
  .array(z.enum(WEBHOOK_EVENTS, `events may hold ${WEBHOOK_EVENTS.join(", ")}.`), "events is required, as a list.")
  .min(1, "Choose at least one event.")
  .max(20, "events names the same event more than once.")
  .transform((events) => [...new Set(events)]);

export const createWebhookBody = z.object({ url: webhookUrl, secret: webhookSecret, events: webhookEvents });
export const removeWebhookBody = z.object({
  id: z.string("id is required, as text.").min(1, "id is required.").max(255, "id is too long."),
});

/** `signed` gets every event as JSON; `slack` gets notices for people, and only its host is shown. */
export const WEBHOOK_FORMATS = ["signed", "slack"] as const;

export type WebhookFormat = (typeof WEBHOOK_FORMATS)[number];

export const webhookObject = z.object({
  id: z.string(),
  format: z.enum(WEBHOOK_FORMATS),
  url: z.string(),
  events: z.array(z.enum(WEBHOOK_EVENTS)),
  created_at: z.string(),
  /** When deliveries stopped because too many failed in a row. */
  paused_at: z.string().nullable(),
});

export const webhookList = z.object({ webhooks: z.array(webhookObject) });

/** The dashboard's form: a box for each event. */
export const addWebhookForm = z
  .object({
    url: webhookUrl,
    secret: webhookSecret,
    ...eventBoxes(WEBHOOK_EVENTS),
  })
  .transform(({ url, secret, ...boxes }) => ({ url, secret, events: ticked(WEBHOOK_EVENTS, boxes) }))
  .refine(({ events }) => events.length > 0, {
    path: [eventField("repo.sync.started")],
    message: "Choose at least one event.",
  });

type Underscored<S extends string> = S extends `${infer Head}.${infer Tail}` ? `${Head}_${Underscored<Tail>}` : S;

/** The name of an event's box; a dot in a field's name would be taken for a path. */
export function eventField<E extends WebhookEvent>(event: E): `on_${Underscored<E>}` {
  return `on_${event.replaceAll(".", "_") as Underscored<E>}`;
}

/** A box for each of these events, for a form's schema. */
export function eventBoxes<E extends WebhookEvent>(events: readonly E[]) {
  const boxes = Object.fromEntries(events.map((event) => [eventField(event), checkbox]));
  return boxes as { [F in `on_${Underscored<E>}`]: typeof checkbox };
}

/** The events whose boxes are ticked. */
export function ticked<E extends WebhookEvent>(events: readonly E[], boxes: Record<string, unknown>): E[] {
  return events.filter((event) => boxes[eventField(event)] === "on");
}

export const webhookForm = z.object({ id: z.string().min(1) });

/** The addresses of the two pages: what was just done, and what is asked about. */
export const webhooksPageQuery = z.object({ done: z.enum(["removed"]).optional().catch(undefined) });
export const webhookPageQuery = z.object({
  done: z.enum(["added", "asked"]).optional().catch(undefined),
  act: z.enum(["remove"]).optional().catch(undefined),
  page: z.coerce.number().int().min(1).max(100).catch(1),
});

/** A webhook as the dashboard's components get it. */
export interface WebhookRow {
  id: string;
  format: WebhookFormat;
  url: string;
  events: WebhookEvent[];
  addedBy: string;
  createdAt: Date;
  pausedAt: Date | null;
  /** The newest attempt's end; null before one. */
  last: { state: DeliveryState; at: Date } | null;
}

/** A delivery as the dashboard's components get it. */
export interface DeliveryRow {
  id: string;
  event: string;
  createdAt: Date;
  state: DeliveryState;
  attempts: number;
  lastAttemptAt: Date | null;
  status: number | null;
  reason: DeliveryReason | null;
}

const REASONS: Record<Exclude<DeliveryReason, "other_sign_in" | "accepted_for_writing">, string> = {
  name: "The name does not resolve.",
  address:
    "It resolves to an address that is not public. The operator of Latchkey can allow it with LATCHKEY_EGRESS_ALLOW.",
  connection: "Nothing answered there.",
  certificate: "Its TLS certificate is not trusted.",
  time: "It did not answer within ten seconds.",
  host_error: "It broke off its answer.",
  secret_unreadable: "The secret to sign with cannot be opened. Remove this webhook and add it again.",
  paused: "Deliveries had stopped before its turn.",
};

/** What came of a delivery, in a sentence. */
export function deliverySentence({ state, status, reason }: Pick<DeliveryRow, "state" | "status" | "reason">): string {
  if (state === "delivered") return `Answered ${status}.`;
  if (reason !== null)
    return REASONS[reason === "accepted_for_writing" ? "connection" : (reason as TestReason & keyof typeof REASONS)];
  if (status === null) return "Not sent yet.";
  if (status >= 300 && status < 400) return `Answered ${status}, a redirect, which is not followed.`;
  return `Answered ${status}, where 200 to 299 would be a yes.`;
}
