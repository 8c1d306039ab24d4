import { z } from "zod";

export const signingKeyName = z
  .string()
  .trim()
  .min(1, "Name the key.")
  .max(80, "A key's name has at most 80 characters.");

export const addSigningKeyForm = z.object({
  name: signingKeyName,
  publicKeyPem: z
    .string()
    .trim()
    .min(1, "Paste the public key.")
    .max(10_000, "This is too long for a public key.")
    .refine((pem) => !/PRIVATE KEY/.test(pem), "This is a private key. Paste the public half: BEGIN PUBLIC KEY."),
});

export const revokeSigningKeyForm = z.object({ id: z.string().min(1) });

/** How long an organization's tokens may be good; 0 is as long as they say. */
export const TOKEN_LIFETIMES = [
  { minutes: 0, label: "As long as it says" },
  { minutes: 15, label: "15 minutes" },
  { minutes: 60, label: "1 hour" },
  { minutes: 480, label: "8 hours" },
  { minutes: 1440, label: "1 day" },
  { minutes: 10_080, label: "7 days" },
  { minutes: 43_200, label: "30 days" },
] as const;

/** Answers a `TokenPolicy`. */
export const tokenPolicyForm = z
  .object({
    audience: z
      .string()
      .trim()
      .max(255, "An audience has at most 255 characters.")
      .regex(/^[\x21-\x7e]*$/, "An audience is a word or an address, without blanks."),
    maxMinutes: z.coerce
      .number()
      .refine((minutes) => TOKEN_LIFETIMES.some((each) => each.minutes === minutes), "Choose one of the list."),
  })
  .transform(({ audience, maxMinutes }) => ({ audience: audience || null, maxMinutes: maxMinutes || null }));

/** The address of the signing keys page: what was just done, and the key that is about to be revoked. */
export const signingKeysPageQuery = z.object({
  done: z.enum(["added", "revoked"]).optional().catch(undefined),
  revoke: z.string().max(60).optional().catch(undefined),
});

/** A key as the dashboard's components get it. */
export interface SigningKeyRow {
  id: string;
  name: string;
  algorithm: string;
  thumbprint: string;
  createdAt: Date;
  lastUsedAt: Date | null;
  revokedAt: Date | null;
}
