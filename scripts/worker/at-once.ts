// How many jobs of a kind one worker does at once.

export const PULLS_AT_ONCE = 4;
/** Slots of their own, so that receivers that hang hold up no pull, and upstreams that hang no delivery. */
export const DELIVERIES_AT_ONCE = 4;
/** So that upstreams of one organization that hang do not hold up all the others. */
export const MOST_OF_ONE = 3;
/** Slots of their own, too, for a mail server that hangs. */
export const MAILS_AT_ONCE = 2;
/** Rotations and imports: each tests several repositories at once. */
export const BATCHES_AT_ONCE = 2;
