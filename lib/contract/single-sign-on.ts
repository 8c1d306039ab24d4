import { z } from "zod";

/** Why single sign-on let somebody not in; the sign-in page says it in a sentence. */
export const singleSignOnRefusal = z.enum(["unknown", "unverified", "other_subject", "throttled", "failed"]);

export type SingleSignOnRefusal = z.infer<typeof singleSignOnRefusal>;

/** Where the sign-in page says why somebody was not let in. */
export function refusedPath(reason: SingleSignOnRefusal): string {
  return `/sign-in?refused=${reason}`;
}
