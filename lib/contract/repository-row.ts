import type { ProviderName } from "./providers";
import type { SyncOutcome } from "./sync-runs";
import type { TestOutcome, TestReason } from "./test-outcome";

/** A repository as the dashboard's components get it. */
export interface RepositoryRow {
  id: string;
  name: string;
  defaultBranch: string;
  createdAt: Date;
  pullEveryMinutes: number;
  /** Whether the upstream is also written to, so that a credential that only reads is too little. */
  expectsWrite: boolean;
  lastPull: { at: Date; outcome: SyncOutcome } | null;
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
  /** When a pull of ours last sent it. */
  lastUsedAt: Date | null;
  /** When the token ends, where that is known. */
  expiresAt: Date | null;
  /** A new secret that waits for its test, in use by nothing. */
  pending: { by: string; at: Date } | null;
  /** Until when one can go back to the secret before this one. */
  previousUntil: Date | null;
  /** When Latchkey itself went back to this secret, since its host rejected a newer one. */
  rolledBackAt: Date | null;
  /** Since when the sealed secret does not open; null while it does. */
  unreadableAt: Date | null;
  /** Null before a first test, and after every change of the secret. */
  test: CredentialTest | null;
}

/** What the last test found, and what the host told of the token. */
export interface CredentialTest {
  outcome: TestOutcome;
  reason: TestReason | null;
  hostSays: ProviderName | null;
  at: Date;
  scopes: string[];
  hostLastUsedAt: Date | null;
}
