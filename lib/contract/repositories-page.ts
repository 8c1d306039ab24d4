import { z } from "zod";
import { PROVIDERS } from "./providers";

/** What the list can be narrowed to: whether there is a credential, or what its last test found. */
export const REPOSITORY_STATES = [
  "all",
  "with",
  "without",
  "no_upstream",
  "works",
  "refused",
  "unreachable",
  "unproven",
  "not_tested",
] as const;

export type RepositoryState = (typeof REPOSITORY_STATES)[number];

/** The address of the repositories page: what it does not understand counts as not said. */
export const repositoriesPageQuery = z.object({
  q: z.string().trim().max(255).catch(""),
  state: z.enum(REPOSITORY_STATES).catch("all"),
  provider: z.enum(PROVIDERS).optional().catch(undefined),
  sort: z.enum(["name", "-name", "created", "-created", "expires", "-expires"]).catch("name"),
  page: z.coerce.number().int().min(1).max(100_000).catch(1),
});

export type RepositoriesPageQuery = z.infer<typeof repositoriesPageQuery>;

/** The address that shows this; what is as it starts out is left out of it. */
export function repositoriesPageHref(base: string, query: Partial<RepositoriesPageQuery>): string {
  const { q, state, provider, sort, page } = query;
  const params = new URLSearchParams();
  if (q) params.set("q", q);
  if (state && state !== "all") params.set("state", state);
  if (provider) params.set("provider", provider);
  if (sort && sort !== "name") params.set("sort", sort);
  if (page && page > 1) params.set("page", String(page));
  return params.size > 0 ? `${base}?${params}` : base;
}
