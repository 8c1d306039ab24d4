import { z } from "zod";
import { TEST_OUTCOMES } from "./test-outcome";

const CONTROL = /[\u0000-\u001f\u007f-\u009f]/;

export const username = z
  .string("The username must be text.")
  .max(255, "A username has at most 255 characters.")
  .refine((value) => value.isWellFormed() && !CONTROL.test(value), "The username holds a control character.")
  .refine((value) => !value.includes(":"), "A username cannot hold a colon: HTTPS sign-in ends the username there.");

export const password = z
  .string("The password or token is required, as text.")
  .min(1, "The password or token is required.")
  .refine((value) => byteLength(value) <= 4096, "A password or token has at most 4096 bytes.")
  .refine(
    (value) => value.isWellFormed() && !CONTROL.test(value),
    "The password or token holds a line break or another control character.",
  );

/** UTF-8 length; `Buffer` is not there in a browser. */
function byteLength(value: string): number {
  return new TextEncoder().encode(value).length;
}

/** When a token ends: a day (its beginning, UTC, as GitLab has it) or a moment; in the past it could not be of use. */
const expiresAt = z
  .union([z.iso.date(), z.iso.datetime({ offset: true })], "expires_at is a day (2027-03-31) or a moment in ISO 8601.")
  .transform((text) => new Date(text))
  .refine((end) => end.getTime() > Date.now(), "This token has ended already. Make a new one.");

/** Any text may be asked for: what is no id of ours is simply not found. */
const anyId = (name: string) =>
  z.string(`${name} is required, as text.`).min(1, `${name} is required.`).max(255, `${name} is too long.`);

const newSecret = { username: username.nullish(), password, expires_at: expiresAt.nullish() };

export const createCredentialBody = z.object({ repo_id: anyId("repo_id"), ...newSecret });
export const rotateCredentialBody = z.object({ id: anyId("id"), ...newSecret });
export const removeCredentialBody = z.object({ id: anyId("id") });

/** The resource family names the repository and the credential in its path. */
export const credentialSecretBody = z.object(newSecret);

export const credentialReceipt = z.object({ id: z.string(), created_at: z.string() });

export const credentialObject = z.object({
  id: z.string(),
  repo_id: z.string(),
  has_username: z.boolean(),
  version: z.number(),
  /** What the last test found; "not_tested" before one, and after every change of the secret; "unreadable" where it does not open. */
  state: z.enum(["not_tested", "unreadable", ...TEST_OUTCOMES]),
  tested_at: z.string().nullable(),
  expires_at: z.string().nullable(),
  created_at: z.string(),
  rotated_at: z.string().nullable(),
});

/** `?test=true` tests the secret against the upstream first, and saves nothing that is of no use. */
export const testFirstQuery = z.object({
  test: z.enum(["true", "false"], "test is true or false.").default("false"),
});

export const credentialTested = z.object({
  id: z.string(),
  outcome: z.enum(TEST_OUTCOMES),
  message: z.string(),
  tested_at: z.string(),
  expires_at: z.string().nullable(),
  scopes: z.array(z.string()),
});

export const credentialList = z.object({ credentials: z.array(credentialObject).max(1) });

const untested = z.literal("on").optional();
/** An empty field says nothing of it. */
const typedEnd = z.preprocess((typed) => (typed === "" ? undefined : typed), expiresAt.optional());

/** The dashboard's forms. */
export const createCredentialForm = z.object({
  repository: z.string().min(1),
  username,
  password,
  expiresAt: typedEnd,
  untested,
});
export const rotateCredentialForm = z.object({
  id: z.string().min(1),
  usernameChoice: z.enum(["keep", "replace", "none"]),
  username,
  password,
  expiresAt: typedEnd,
  untested,
});
/** An act on a stored credential that needs nothing typed. */
export const credentialForm = z.object({ id: z.string().min(1) });
export const removeCredentialForm = z.object({ id: z.string().min(1), confirm: z.string() });
