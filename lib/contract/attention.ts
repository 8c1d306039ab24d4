import { z } from "zod";

/** Why a repository needs somebody to look at it, worst first. */
export const ATTENTION_REASONS = [
  "unreadable",
  "refused",
  "paused",
  "expiring",
  "unreachable",
  "read_only",
  "missing",
  "not_tested",
  "not_usable",
] as const;

export type AttentionReason = (typeof ATTENTION_REASONS)[number];

/** What each reason is called, and what to do about it. */
export const ATTENTION_WORDS: Record<AttentionReason, { label: string; remedy: string }> = {
  unreadable: {
    label: "Unreadable",
    remedy: "The stored secrets cannot be opened. Rotate them, each with its username.",
  },
  refused: { label: "Refused", remedy: "The host refuses these credentials. Rotate them." },
  paused: { label: "Paused", remedy: "Pulling stopped after three failures in a row. Rotate, or pull one by hand." },
  expiring: { label: "Expiring", remedy: "These tokens end within 30 days, or have ended. Rotate them." },
  unreachable: { label: "Unreachable", remedy: "The last test had no answer. Open one to see why, and test it again." },
  read_only: {
    label: "Read only",
    remedy: "These repositories are also written to, and their credentials can only read. Rotate them.",
  },
  missing: { label: "No credential", remedy: "Private repositories cannot be reached without one. Add them." },
  not_tested: { label: "Not tested", remedy: "Nobody knows yet what these credentials can do. Test them." },
  not_usable: { label: "Not usable", remedy: "The host takes no credential over HTTPS. Remove these." },
};

/** A token that ends sooner than this wants a look. */
export const EXPIRING_DAYS = 30;

/** Days before a token's end at which it is told of. */
export const EXPIRY_NOTICE_DAYS = [30, 14, 7, 1] as const;

/** What there is to look at. Each number stops at `COUNT_LIMIT`. */
export interface AttentionCounts extends Record<AttentionReason, number> {
  /** Repositories with any reason; one may have several. */
  any: number;
}

export const COUNT_LIMIT = 1000;

/** A count for a reader: beyond the limit it is only known to be more. */
export function countWords(count: number): string {
  return count >= COUNT_LIMIT ? `${COUNT_LIMIT - 1}+` : String(count);
}

/** The address of the page: what it does not understand counts as not said. */
export const attentionPageQuery = z.object({
  reason: z.enum(ATTENTION_REASONS).optional().catch(undefined),
  page: z.coerce.number().int().min(1).max(100_000).catch(1),
});

export type AttentionPageQuery = z.infer<typeof attentionPageQuery>;

/** The address that shows this. */
export function attentionPageHref(base: string, { reason, page }: Partial<AttentionPageQuery>): string {
  const params = new URLSearchParams();
  if (reason) params.set("reason", reason);
  if (page && page > 1) params.set("page", String(page));
  return params.size > 0 ? `${base}?${params}` : base;
}
