import { z } from "zod";

/** How far a pull is; what the repository's page hears while one runs. */
export const pullProgress = z.discriminatedUnion("state", [
  /** Asked for, and not begun. */
  z.object({ state: z.literal("waiting") }),
  z.object({
    state: z.literal("running"),
    objectsReceived: z.number(),
    /** 0 until the host has said how many there are. */
    objectsTotal: z.number(),
    bytes: z.number(),
  }),
  z.object({ state: z.literal("ended") }),
]);

export type PullProgress = z.infer<typeof pullProgress>;

/** When a pull was asked for, in milliseconds since 1970: only one that began since then counts. */
export const pullProgressQuery = z.object({ asked: z.coerce.number().int().nonnegative().catch(0) });
