import { z } from "zod";

export const endSessionForm = z.object({ id: z.string().min(1) });
export const endOtherSessionsForm = z.object({});

/** A session as the account page gets it. */
export interface SessionRow {
  id: string;
  method: "password" | "password_and_code" | "single_sign_on";
  address: string;
  /** In words: "Firefox on Linux". */
  browser: string;
  createdAt: Date;
  lastSeenAt: Date;
}

/** The address of the account page: what was just done. */
export const accountPageQuery = z.object({
  done: z.enum(["password", "session", "sessions"]).optional().catch(undefined),
});
