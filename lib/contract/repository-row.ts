import type { ProviderName } from "./providers";

/** A repository as the dashboard's components get it. */
export interface RepositoryRow {
  id: string;
  name: string;
  defaultBranch: string;
  createdAt: Date;
  upstream: { provider: ProviderName; host: string; owner: string; name: string; url: string } | null;
  credential: CredentialRow | null;
}

/** What is known of a stored credential; never its secret. */
export interface CredentialRow {
  id: string;
  hasUsername: boolean;
  /** The username, where it cannot be the token itself. */
  usernameHint: string | null;
  addedBy: string;
  version: number;
  createdAt: Date;
  rotatedAt: Date | null;
}
