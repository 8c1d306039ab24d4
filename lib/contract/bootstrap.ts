import { z } from "zod";

const organization = z.strictObject({
  organization: z
    .string()
    .regex(/^[a-z0-9-]{2,40}$/, "An organization's name holds 2 to 40 small letters, digits and hyphens."),
  admin: z
    .strictObject({
      email: z.email("The admin's email is not an address."),
      password: z.string().min(12, "The admin's password needs at least 12 characters.").max(200),
    })
    .optional(),
  signing_keys: z
    .array(z.strictObject({ name: z.string().min(1).max(80), public_key_pem: z.string().min(1) }))
    .max(20)
    .default([]),
});

/** The bootstrap file: one organization, or a list of them. */
export const bootstrapFile = z.union([organization.transform((one) => [one]), z.array(organization)]);

export type BootstrapOrganization = z.output<typeof organization>;
