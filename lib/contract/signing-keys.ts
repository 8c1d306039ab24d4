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
