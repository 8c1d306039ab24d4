import { z } from "zod";

/** The address of a credential's page: which panel is open, and what was just done. */
export const credentialPageQuery = z.object({
  act: z.enum(["rotate", "rotate_all", "remove"]).optional().catch(undefined),
  done: z
    .enum(["added", "rotated", "removed", "tested", "discarded", "rolled_back", "erased", "renews", "renews_not"])
    .optional()
    .catch(undefined),
});

export type CredentialPageQuery = z.infer<typeof credentialPageQuery>;
