import { providerToWire } from "@/lib/domain/repositories/provider-names";
import type { RepositoryView } from "@/lib/domain/repositories/repository-view";
import { csvFile } from "./file-download";

/** Each column with what stands in it; times are ISO 8601 in UTC. */
const COLUMNS: Record<string, (repository: RepositoryView) => string | number | boolean | Date | null | undefined> = {
  name: ({ name }) => name,
  id: ({ id }) => id,
  clone_url: ({ upstream }) => upstream?.url,
  provider: ({ upstream }) => upstream && providerToWire(upstream.provider),
  default_branch: ({ defaultBranch }) => defaultBranch,
  has_credential: ({ credential }) => credential !== null,
  credential_id: ({ credential }) => credential?.id,
  has_username: ({ credential }) => credential?.hasUsername,
  // A name that could be the token itself is not told.
  username: ({ credential }) => credential?.usernameHint,
  state: ({ credential }) =>
    credential && (credential.unreadableAt ? "unreadable" : (credential.test?.outcome ?? "not_tested")),
  tested_at: ({ credential }) => credential?.test?.at,
  expires_at: ({ credential }) => credential?.expiresAt,
  last_used_at: ({ credential }) => credential?.lastUsedAt,
  version: ({ credential }) => credential?.version,
  added_by: ({ credential }) => credential?.addedBy,
  credential_created_at: ({ credential }) => credential?.createdAt,
  rotated_at: ({ credential }) => credential?.rotatedAt,
  created_at: ({ createdAt }) => createdAt,
  last_pull_at: ({ lastPull }) => lastPull?.at,
  last_pull_outcome: ({ lastPull }) => lastPull?.outcome,
};

/** Repositories as a CSV download, written while they are read. */
export function repositoriesFile(repositories: AsyncGenerator<RepositoryView>, name: string): Response {
  return csvFile(rows(repositories), Object.keys(COLUMNS), name);
}

async function* rows(repositories: AsyncGenerator<RepositoryView>) {
  for await (const repository of repositories) {
    yield Object.values(COLUMNS).map((of) => {
      const value = of(repository);
      return value instanceof Date ? value.toISOString() : String(value ?? "");
    });
  }
}
