import type { CredentialRow, CredentialTest } from "@/lib/contract/repository-row";
import type { SyncOutcome } from "@/lib/contract/sync-runs";
import type { TestReason } from "@/lib/contract/test-outcome";
import type { Prisma } from "@/lib/platform/prisma-client/client";
import type { UpstreamAddress } from "../upstream/remote-url";
import { remoteUrl } from "../upstream/remote-url";
import { providerToWire } from "./provider-names";

/** What is shown of a repository and of its credential. Built field by field: no row leaves the domain whole. */
export interface RepositoryView {
  id: string;
  name: string;
  defaultBranch: string;
  createdAt: Date;
  /** Minutes between pulls; 0 is never by itself. */
  pullEveryMinutes: number;
  /** Whether the upstream is also written to, so that a credential that only reads is too little. */
  expectsWrite: boolean;
  lastPull: { at: Date; outcome: SyncOutcome } | null;
  upstream: (UpstreamAddress & { url: string }) | null;
  credential: CredentialRow | null;
}

export const REPOSITORY_SELECT = {
  id: true,
  name: true,
  defaultBranch: true,
  createdAt: true,
  pullEveryMinutes: true,
  expectsWrite: true,
  lastPullAt: true,
  lastPullOutcome: true,
  upstream: { select: { provider: true, host: true, owner: true, name: true } },
  credential: {
    select: {
      id: true,
      hasUsername: true,
      usernameHint: true,
      addedBy: true,
      currentVersion: true,
      createdAt: true,
      rotatedAt: true,
      lastUsedAt: true,
      pendingBy: true,
      pendingAt: true,
      previousUntil: true,
      rolledBackAt: true,
      unreadableAt: true,
      testOutcome: true,
      testReason: true,
      hostSays: true,
      testedAt: true,
      expiresAt: true,
      tokenScopes: true,
      hostLastUsedAt: true,
    },
  },
} satisfies Prisma.RepositorySelect;

type Row = Prisma.RepositoryGetPayload<{ select: typeof REPOSITORY_SELECT }>;

/** The view of a selected row. */
export function toRepositoryView(row: Row): RepositoryView {
  const { upstream, credential } = row;
  return {
    id: row.id,
    name: row.name,
    defaultBranch: row.defaultBranch,
    createdAt: row.createdAt,
    pullEveryMinutes: row.pullEveryMinutes,
    expectsWrite: row.expectsWrite,
    lastPull: row.lastPullAt && row.lastPullOutcome && { at: row.lastPullAt, outcome: row.lastPullOutcome },
    upstream: upstream && { ...upstream, url: remoteUrl(upstream) },
    credential: credential && {
      id: credential.id,
      hasUsername: credential.hasUsername,
      usernameHint: credential.usernameHint,
      addedBy: credential.addedBy,
      version: credential.currentVersion,
      createdAt: credential.createdAt,
      rotatedAt: credential.rotatedAt,
      lastUsedAt: credential.lastUsedAt,
      expiresAt: credential.expiresAt,
      pending: credential.pendingAt && { by: credential.pendingBy ?? "somebody", at: credential.pendingAt },
      previousUntil: credential.previousUntil,
      rolledBackAt: credential.rolledBackAt,
      unreadableAt: credential.unreadableAt,
      test: toTest(credential),
    },
  };
}

function toTest(credential: NonNullable<Row["credential"]>): CredentialTest | null {
  const { testOutcome: outcome, testedAt: at, hostSays } = credential;
  if (!outcome || !at) return null;
  return {
    outcome,
    at,
    reason: credential.testReason as TestReason | null,
    hostSays: hostSays && providerToWire(hostSays),
    scopes: credential.tokenScopes,
    hostLastUsedAt: credential.hostLastUsedAt,
  };
}
