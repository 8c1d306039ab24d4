import { z } from "zod";
import { PROVIDER_FACTS } from "./provider-facts";
import type { ProviderName } from "./providers";
import { otherSignInSentence, outcomeSentence, TEST_REASONS, type TestReason } from "./test-outcome";

/** How a pull ended. A closed set: neither Git's nor the host's own words are passed on. */
export const SYNC_OUTCOMES = [
  "succeeded",
  "needs_credential",
  "rejected",
  "scope_too_small",
  "no_access",
  "unreachable",
  "not_git",
  "too_large",
  "bad_objects",
  "no_space",
  "stopped",
] as const;

export type SyncOutcome = (typeof SYNC_OUTCOMES)[number];

/** Why: those of a test, that the branch or tag is not there, or that the stored secret does not open. */
export const SYNC_REASONS = [...TEST_REASONS, "no_such_ref", "unreadable"] as const;

export type SyncReason = (typeof SYNC_REASONS)[number];

/** A pull as the dashboard's components get it. */
export interface SyncRunRow {
  id: string;
  requestedBy: string;
  ref: string | null;
  startedAt: Date;
  finishedAt: Date | null;
  /** Null while it runs. */
  outcome: SyncOutcome | null;
  reason: SyncReason | null;
  refsChanged: number;
  bytes: number;
}

/** A branch or a tag of the mirror. */
export interface MirrorHeadRow {
  ref: string;
  objectId: string;
}

/** What is said wherever a stored secret does not open. */
export const UNREADABLE_SECRET =
  "The stored secret cannot be opened, so nothing was sent. Rotate the credential with a new secret and its username.";

/** A pull's end in a sentence or two: what happened, and what to do. */
export function syncSentence(
  { outcome, reason, refsChanged }: Pick<SyncRunRow, "outcome" | "reason" | "refsChanged">,
  { provider, host }: { provider: ProviderName; host: string },
): string {
  switch (outcome) {
    case null:
      return `Pulling from ${host} …`;
    case "succeeded":
      if (refsChanged === 0) return "Up to date: nothing had changed.";
      return `Pulled: ${refsChanged} ${refsChanged === 1 ? "branch or tag" : "branches and tags"} changed.`;
    case "needs_credential":
      if (reason === "other_sign_in") return otherSignInSentence(host);
      return `${host} asks for a credential. Add one for ${PROVIDER_FACTS[provider].label}.`;
    case "too_large":
      return "The upstream sent more than a mirror may hold, so the pull was given up.";
    case "bad_objects":
      return "The upstream sent objects that are broken or unsafe, so none of them were kept.";
    case "no_space":
      return "There is too little free space where Latchkey keeps its mirrors, so nothing was pulled. Its operator can make room.";
    case "stopped":
      if (reason === "unreadable") return UNREADABLE_SECRET;
      return reason === "no_such_ref"
        ? "The upstream has no such branch or tag."
        : "The pull was stopped before its end: its credential or upstream was changed, or Latchkey was stopped.";
    case "rejected":
    case "scope_too_small":
    case "no_access":
    case "unreachable":
    case "not_git":
      return outcomeSentence(outcome, { reason: reason as TestReason | null, provider, host });
  }
}

export const pullBody = z.object({
  ref: z
    .string("ref must be text.")
    .min(1, "ref must name a branch or a tag.")
    .max(255, "ref is too long.")
    .regex(
      /^(?!-)(?!.*(\.\.|\/\/|@\{|\.lock(\/|$)))[^\u0000-\u0020\u007f~^:?*[\\]+(?<![/.])$/,
      "ref is not a valid name.",
    )
    .optional(),
});

export const pullAccepted = z.object({ message: z.literal("Repository sync initiated successfully") });

export const repositoryDetached = z.object({ message: z.literal("repository detached") });

/** The dashboard's forms. */
export const pullForm = z.object({ repository: z.string().min(1) });

/** How often a repository can be pulled; 0 is never by itself. */
export const SCHEDULES = [
  { minutes: 15, label: "Every 15 minutes" },
  { minutes: 60, label: "Every hour" },
  { minutes: 360, label: "Every 6 hours" },
  { minutes: 1440, label: "Once a day" },
  { minutes: 0, label: "Only when asked" },
] as const;

export const scheduleForm = z.object({
  repository: z.string().min(1),
  everyMinutes: z.coerce
    .number()
    .refine((minutes) => SCHEDULES.some((each) => each.minutes === minutes), "Choose one of the list."),
});

/** The address of a repository's page: when a pull was asked for just now, in milliseconds since 1970. */
export const repositoryPageQuery = z.object({ asked: z.coerce.number().int().positive().optional().catch(undefined) });

/** A number of bytes for a reader: 1.2 MB. */
export function bytesWords(bytes: number): string {
  const units = ["bytes", "KB", "MB", "GB"] as const;
  const power = Math.min(Math.floor(Math.log10(Math.max(bytes, 1)) / 3), units.length - 1);
  const value = bytes / 1000 ** power;
  return `${power === 0 || value >= 100 ? Math.round(value) : value.toFixed(1)} ${units[power]}`;
}
