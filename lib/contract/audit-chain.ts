/** What can be wrong with a chain, with the sentence for it; the number is the first event that is not as it was recorded. */
export const CHAIN_BREAKS = {
  missing: (seq: number) => `Event ${seq} is missing.`,
  added: (seq: number) => `Event ${seq} was put in; no change of Latchkey's recorded it.`,
  edited: (seq: number) => `Event ${seq} was edited: what it says is not what was hashed.`,
  misfiled: (seq: number) => `Event ${seq} is listed under something else than it says.`,
  unlinked: (seq: number) => `Event ${seq} does not follow from the one before it.`,
  cut: (seq: number) => `The end is missing, from event ${seq} on.`,
  remade: (seq: number) => `Event ${seq} is not the one that an earlier check found there: the chain was made anew.`,
  other_end: (seq: number) => `The chain does not end with event ${seq} as it was recorded.`,
} as const;

export type ChainBreak = keyof typeof CHAIN_BREAKS;

/** What the last check of an organization's chain found, for the audit page. */
export interface ChainCheck {
  /** Null while it was never checked. */
  checked: {
    at: Date;
    events: number;
    broken: { seq: number; why: ChainBreak } | null;
    /** The hash of the last event, hexadecimal, where the chain is whole. */
    head: string | null;
  } | null;
  /** Whether a check was asked for and is not done. */
  waiting: boolean;
}
