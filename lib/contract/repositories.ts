import { z } from "zod";
import { checkbox } from "./checkbox";
import { providerName, PROVIDERS, upstreamHost } from "./providers";

/** Repository ids look like this; no name may. */
export const REPOSITORY_ID = /^repo_[0-9a-f]{24}$/i;

export const repositoryName = z
  .string("The repository's name must be text.")
  .min(1, "Name the repository.")
  .max(255, "A repository's name has at most 255 characters.")
  .regex(
    /^[A-Za-z0-9._/-]+$/,
    "A repository's name holds letters, digits, dots, underscores, hyphens and slashes only.",
  )
  .refine(
    (name) => name.split("/").every((part) => part !== "" && part !== "." && part !== ".."),
    'A repository\'s name has no empty, "." or ".." part between slashes.',
  )
  .refine((name) => name.toLowerCase() !== "org", 'No repository may be called "org": tokens use that word.')
  .refine((name) => !REPOSITORY_ID.test(name), "A repository's name must not look like a repository id.");

export const branchName = z
  .string("The branch must be text.")
  .max(255, "A branch's name has at most 255 characters.")
  .regex(
    // git check-ref-format's rules: no control characters, blanks, ~^:?*[\, "..", "@{", and no part that starts with a dot.
    /^(?![/.-])(?!.*(?:\.\.|@\{|\/\/|\/\.|\.lock(?:\/|$)))[^\x00-\x20\x7f~^:?*[\\]+(?<![/.])$/,
    "This is not a valid branch name.",
  );

const pathPart = (what: string) =>
  z
    .string(`Name the upstream's ${what}.`)
    .min(1, `Name the upstream's ${what}.`)
    .max(255, `The upstream's ${what} is too long.`)
    .regex(/^[A-Za-z0-9._~/-]+$/, `The upstream's ${what} holds letters, digits and . _ ~ / - only.`)
    .refine(
      (value) => value.split("/").every((part) => part !== "" && part !== "." && part !== ".."),
      `The upstream's ${what} has an empty or dotted part.`,
    );

export const upstreamOwner = pathPart("owner");
export const upstreamName = pathPart("name");

const baseRepo = z.object({
  // Forks of stored repositories are another product's feature: recognised only to be refused with the reason.
  provider: z.union([z.literal("code"), providerName]),
  owner: upstreamOwner,
  name: upstreamName,
  default_branch: branchName.nullish(),
  upstream_host: upstreamHost.nullish(),
  operation: z.string("The operation must be text.").nullish(),
  auth: z.object({ auth_type: z.string().nullish() }).nullish(),
});

export const createRepositoryBody = z.object({
  default_branch: branchName.nullish(),
  base_repo: baseRepo.nullish(),
});

export const repositoryCreated = z.object({
  repo_id: z.string(),
  repo_name: z.string(),
  http_url: z.string(),
  message: z.literal("repository created"),
});

export const repositoryObject = z.object({
  repo_id: z.string(),
  repo_name: z.string(),
  url: z.string(),
  default_branch: z.string(),
  created_at: z.string(),
  base_repo: z.object({ provider: z.string(), owner: z.string(), name: z.string() }).optional(),
});

/** On a page of the list, where a request names no `limit`. */
export const LISTED_UNLESS_ASKED = 20;

export const listRepositoriesQuery = z.object({
  cursor: z.string().max(200, "This cursor is not one of ours.").optional(),
  limit: z
    .string()
    .regex(/^\d{1,3}$/, "limit is a whole number from 1 to 100.")
    .transform(Number)
    .refine((limit) => limit >= 1 && limit <= 100, "limit is a whole number from 1 to 100.")
    .optional(),
  q: z.string().trim().max(255, "q has at most 255 characters.").optional(),
});

export const repositoryList = z.object({
  repos: z.array(repositoryObject),
  next_cursor: z.string().nullable(),
  has_more: z.boolean(),
});

export const repositoryDeleted = z.object({ repo_id: z.string(), message: z.string() });

/** The dashboard's form for a new repository. */
export const createRepositoryForm = z.object({
  provider: z.enum(PROVIDERS, { error: "Choose where the repository is hosted." }),
  host: upstreamHost,
  owner: upstreamOwner,
  upstreamName: upstreamName,
  name: repositoryName,
  defaultBranch: branchName,
});

/** The form that exports all of them. */
export const exportRepositoriesForm = z.object({ format: z.literal("csv") });

export const deleteRepositoryForm = z.object({ repository: z.string().min(1), confirm: z.string() });

export const expectWritesForm = z.object({ repository: z.string().min(1), expected: checkbox });
