import { z } from "zod";

/** First path segments that are the product's own. */
const RESERVED_SLUGS = new Set(["api", "sign-in", "setup", "docs", "git", "invite", "reset", "account"]);

export const organizationSlug = z
  .string()
  .regex(/^[a-z0-9-]{2,40}$/, "An organization's name holds 2 to 40 small letters, digits and hyphens.")
  .refine((slug) => !RESERVED_SLUGS.has(slug), "This name is taken by a page of Latchkey. Choose another.");

const NO_ADDRESS = "Write an e-mail address such as ada@example.com.";

export const email = z
  .string()
  .trim()
  // Before letters are made small: the Kelvin sign would become a k, and its holder somebody else.
  .regex(/^[\x21-\x7e]*$/, NO_ADDRESS)
  .toLowerCase()
  .max(254, "This e-mail address is too long.")
  .pipe(z.email(NO_ADDRESS));

export const newPassword = z
  .string()
  .min(12, "A password needs at least 12 characters.")
  .max(200, "A password has at most 200 characters.");

export const memberRole = z.enum(["owner", "admin", "viewer"], { error: "Choose a role." });

export const signInForm = z.object({
  email,
  password: z.string().min(1, "Type your password.").max(200, "This password is too long."),
  next: z.string().default(""),
});

export const setupForm = z.object({
  token: z.string().min(1),
  organization: organizationSlug,
  email,
  password: newPassword,
});

export const inviteForm = z.object({ email, role: memberRole });
/** A password that is too short for a new one was never anybody's either, and both are told in the same words. */
export const acceptInvitationForm = z.object({ token: z.string().min(1), password: newPassword });
/** For somebody who is signed in already. */
export const joinForm = z.object({ token: z.string().min(1) });
export const resetForm = z.object({ token: z.string().min(1), password: newPassword });
export const changePasswordForm = z.object({
  current: z.string().min(1, "Type your current password.").max(200),
  password: newPassword,
});
export const changeRoleForm = z.object({ userId: z.string().min(1), role: memberRole });
export const removeMemberForm = z.object({ userId: z.string().min(1) });
export const withdrawInvitationForm = z.object({ id: z.string().min(1) });

/** The address of the members page: what was just done, and the member who is about to be removed. */
export const membersPageQuery = z.object({
  done: z.enum(["role", "removed", "withdrawn"]).optional().catch(undefined),
  remove: z.string().max(60).optional().catch(undefined),
});

export type MemberRole = z.infer<typeof memberRole>;

/** A member as the dashboard's components get them. */
export interface MemberRow {
  userId: string;
  email: string;
  role: MemberRole;
  createdAt: Date;
}

/** An open invitation as the dashboard's components get it. */
export interface InvitationRow {
  id: string;
  email: string;
  role: MemberRole;
  invitedBy: string;
  expiresAt: Date;
}
