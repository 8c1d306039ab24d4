import { z } from "zod";

/** Git hosts as they are called on the wire; `sourcehut` is accepted for `sr.ht`. */
export const PROVIDERS = ["github", "gitlab", "bitbucket", "gitea", "forgejo", "codeberg", "sr.ht"] as const;

export type ProviderName = (typeof PROVIDERS)[number];

/** Hosts taken where none is named. Gitea and Forgejo are always somebody's own server. */
export const DEFAULT_HOSTS: Partial<Record<ProviderName, string>> = {
  github: "github.com",
  gitlab: "gitlab.com",
  bitbucket: "bitbucket.org",
  codeberg: "codeberg.org",
  "sr.ht": "git.sr.ht",
};

export const providerName = z
  .string("Name the provider.")
  .transform((value) => (value === "sourcehut" ? "sr.ht" : value))
  .pipe(z.enum(PROVIDERS, { error: `The provider must be one of ${PROVIDERS.join(", ")}.` }));

/** A bare host name or address, with a port where it is not 443. Lower-cased. */
export const upstreamHost = z
  .string("The upstream host must be text.")
  .trim()
  .max(255, "The upstream host is too long.")
  .regex(
    /^(?:\[[0-9a-fA-F:.]+\]|[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?)(?::[1-9]\d{0,4})?$/,
    "The upstream host is a bare host such as git.example.com, or git.example.com:8443.",
  )
  .refine((host) => URL.canParse(`https://${host}`), "The upstream host is not a valid host name.")
  .refine((host) => Number(/:(\d+)$/.exec(host)?.[1] ?? 443) <= 65535, "The port must be at most 65535.")
  .transform((host) => host.toLowerCase().replace(/:443$/, ""));
