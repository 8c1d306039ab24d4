import { z } from "zod";
import { email, newPassword, organizationSlug } from "./members";

const organization = z.strictObject({
  organization: organizationSlug,
  admin: z.strictObject({ email, password: newPassword }).optional(),
  signing_keys: z
    .array(z.strictObject({ name: z.string().min(1).max(80), public_key_pem: z.string().min(1) }))
    .max(20)
    .default([]),
});

/** The bootstrap file: one organization, or a list of them. */
export const bootstrapFile = z.union([organization.transform((one) => [one]), z.array(organization)]);

export type BootstrapOrganization = z.output<typeof organization>;
