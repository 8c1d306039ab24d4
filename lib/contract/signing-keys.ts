import { z } from "zod";

export const signingKeyName = z
  .string()
  .trim()
  .min(1, "Name the key.")
  .max(80, "A key's name has at most 80 characters.");

export const addSigningKeyForm = z.object({
  name: signingKeyName,
  publicKeyPem: z.string().trim().min(1, "Paste the public key.").max(10_000, "This is too long for a public key."),
});

export const revokeSigningKeyForm = z.object({ id: z.string().min(1) });
