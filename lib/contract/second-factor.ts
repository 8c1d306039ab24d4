import { z } from "zod";

const code = z.string().trim().min(1, "Type a code.").max(40, "This is longer than any code.");
const current = z.string().min(1, "Type your current password.").max(200, "This password is too long.");

export const codeForm = z.object({ code, next: z.string().default("") });
export const turnOnForm = z.object({ code });
/** What is asked before one's own second factor is begun. */
export const ownPasswordForm = z.object({ current });
/** What is asked before one that is on is changed. */
export const ownProofForm = z.object({ current, code });

export const signInRuleForm = z.object({ required: z.enum(["yes", "no"]) });

/** The address of the second factor's page: what was just done, and the organization that asks for one. */
export const secondFactorPageQuery = z.object({
  done: z.enum(["on", "off"]).optional().catch(undefined),
  for: z.string().max(40).optional().catch(undefined),
});

/** What one's own page knows of one's second factor. */
export interface SecondFactorFacts {
  /** "begun" until a first code has turned it on. */
  state: "off" | "begun" | "on";
  /** When it was turned on. */
  since: Date | null;
  recoveryCodesLeft: number;
  /** Without a password there is nothing that a second factor would stand beside. */
  hasPassword: boolean;
}

/** An organization's rule, and how far its members are. */
export interface SignInRule {
  secondFactorRequired: boolean;
  members: number;
  /** Members who sign in with a password alone: how many, and the first of their e-mail addresses. */
  without: { count: number; emails: string[] };
}
