import type { AuditAction } from "@/lib/contract/audit-actions";
import type { RenewalOutcome } from "@/lib/contract/renewals";
import type { SingleSignOnRefusal } from "@/lib/contract/single-sign-on";
import type { SyncOutcome } from "@/lib/contract/sync-runs";
import type { TestOutcome } from "@/lib/contract/test-outcome";

/**
 * Every event there is, with the only details it may carry. Closed on purpose: a row never holds a whole record, so a
 * column added later cannot leak into the log.
 */
export type AuditEvent =
  | { action: "organization.created"; targetId: string; details: { slug: string } }
  | { action: "organization.restored"; targetId: string; details: { backup_of: string } }
  | { action: "organization.backed_up"; targetId: string; details: Record<string, never> }
  | { action: "organization.keep_days_changed"; targetId: string; details: { days: number } }
  | {
      action: "organization.token_policy_changed";
      targetId: string;
      details: { audience: string | null; max_minutes: number | null };
    }
  | {
      action: "organization.second_factor_rule_changed";
      targetId: string;
      details: { slug: string; required: boolean };
    }
  | {
      action: "repository.created";
      targetId: string;
      details: { name: string; provider: string | null; host: string | null };
    }
  | { action: "repository.deleted"; targetId: string; details: { name: string; credential_removed: boolean } }
  | { action: "repository.schedule_changed"; targetId: string; details: { name: string; every_minutes: number } }
  | {
      action: "repository.pulls_paused";
      targetId: string;
      details: { name: string; refusals: number; outcome: SyncOutcome };
    }
  | { action: "repository.pulls_resumed"; targetId: string; details: { name: string } }
  | { action: "repository.write_expected"; targetId: string; details: { name: string; expected: boolean } }
  | { action: "repository.detached"; targetId: string; details: { name: string; credential_removed: boolean } }
  | { action: "credential.created"; targetId: string; repositoryId: string; details: SavedCredentialDetails }
  | { action: "credential.rotated"; targetId: string; repositoryId: string; details: SavedCredentialDetails }
  | {
      action: "credential.staged" | "credential.staged_erased";
      targetId: string;
      repositoryId: string;
      details: { repository: string; version: number };
    }
  | {
      action: "credential.tested";
      targetId: string;
      repositoryId: string;
      details: { repository: string; version: number; outcome: TestOutcome };
    }
  | {
      action: "credential.refused";
      targetId: string;
      repositoryId: string;
      details: { repository: string; outcome: TestOutcome };
    }
  | {
      action: "credential.rolled_back";
      targetId: string;
      repositoryId: string;
      details: { repository: string; version: number; automatic: boolean };
    }
  | {
      action: "credential.renewal_turned_on" | "credential.renewal_turned_off";
      targetId: string;
      repositoryId: string;
      details: { repository: string };
    }
  | {
      action: "credential.renewed";
      targetId: string;
      repositoryId: string;
      details: { repository: string; version: number; test: TestOutcome };
    }
  | {
      action: "credential.renewal_failed";
      targetId: string;
      repositoryId: string;
      details: { repository: string; version: number; outcome: Exclude<RenewalOutcome, "renewed"> };
    }
  | { action: "rotation.requested"; targetId: string; details: { host: string; repositories: number } }
  | { action: "rotation.cancelled"; targetId: string; details: { host: string } }
  | {
      action: "rotation.finished";
      targetId: string;
      details: { host: string; rotated: number; kept: number; failed: number; cancelled: number };
    }
  | { action: "rotation.unreadable"; targetId: string; details: { host: string } }
  | { action: "import.prepared"; targetId: string; details: { lines: number } }
  | { action: "import.started"; targetId: string; details: { lines: number } }
  | { action: "import.cancelled"; targetId: string; details: { lines: number } }
  | {
      action: "import.finished";
      targetId: string;
      details: { imported: number; there: number; without_credential: number; failed: number; cancelled: number };
    }
  | { action: "import.unreadable"; targetId: string; details: { line: number; host: string } }
  | { action: "credential.previous_erased"; targetId: string; repositoryId: string; details: { repository: string } }
  | { action: "credential.removed"; targetId: string; repositoryId: string; details: { repository: string } }
  | {
      action: "credential.unreadable";
      targetId: string;
      repositoryId: string;
      details: { repository: string; version: number };
    }
  | { action: "signing_key.added"; targetId: string; details: { name: string; algorithm: string; thumbprint: string } }
  | { action: "signing_key.revoked"; targetId: string; details: { name: string; thumbprint: string } }
  | { action: "member.invited"; targetId: string; details: { email: string; role: string } }
  | { action: "member.invitation_withdrawn"; targetId: string; details: { email: string } }
  | { action: "member.joined"; targetId: string; details: { email: string; role: string } }
  | { action: "member.role_changed"; targetId: string; details: { email: string; from: string; to: string } }
  | { action: "member.removed"; targetId: string; details: { email: string } }
  | { action: "member.password_changed" | "member.password_removed"; targetId: string; details: { email: string } }
  | { action: "member.reset_link_issued"; targetId: string; details: { email: string } }
  | { action: "webhook.added"; targetId: string; details: { host: string; events: string } }
  | { action: "webhook.removed"; targetId: string; details: { host: string } }
  | { action: "webhook.tested"; targetId: string; details: { host: string } }
  | { action: "webhook.replayed"; targetId: string; details: { host: string; event: string } }
  | { action: "webhook.unreadable"; targetId: string; details: { host: string | null } }
  | { action: "webhook.paused"; targetId: string; details: { host: string } }
  | { action: "webhook.resumed"; targetId: string; details: { host: string } }
  | { action: "master_key.added"; targetId: string; details: { key: string } }
  | { action: "master_key.rewrap_started"; targetId: string; details: { key: string; secrets: number } }
  | { action: "master_key.rewrapped"; targetId: string; details: { key: string; secrets: number } }
  | { action: "master_key.retired"; targetId: string; details: { key: string } }
  | {
      action: "member.signed_in";
      targetId: string;
      details: { email: string; method: "password" | "code" | "recovery_code" | "single_sign_on" };
    }
  | {
      action: "member.sign_in_failed";
      targetId: string;
      details: { email: string; why: "password" | "code" | SingleSignOnRefusal };
    }
  | { action: "member.signed_out"; targetId: string; details: { email: string } }
  | { action: "member.sessions_ended"; targetId: string; details: { email: string; sessions: number } }
  | { action: "member.second_factor_on"; targetId: string; details: { email: string } }
  | { action: "member.second_factor_off"; targetId: string; details: { email: string } }
  | { action: "member.second_factor_unreadable"; targetId: string; details: { email: string } }
  | { action: "member.recovery_code_used"; targetId: string; details: { email: string; left: number } }
  | { action: "member.recovery_codes_renewed"; targetId: string; details: { email: string } }
  | { action: "member.identity_linked"; targetId: string; details: { email: string; issuer: string } }
  | { action: "organization.fingerprint_key_unreadable"; targetId: string; details: { slug: string } }
  | { action: "member.identity_unlinked"; targetId: string; details: { email: string; issuer: string } }
  | { action: "member.notices_chosen"; targetId: string; details: { email: string; events: string } }
  | { action: "organization.repositories_exported"; targetId: string; details: { format: string } }
  | {
      action: "audit.exported";
      targetId: string;
      /** The filters that it was made with; null where it is whole. */
      details: { format: string; action: AuditAction | null; actor: string | null };
    };

interface SavedCredentialDetails {
  repository: string;
  version: number;
  has_username: boolean;
  /** What the test before saving found; "skipped" where somebody chose so, "none" where none was asked for. */
  test: TestOutcome | "skipped" | "none";
}

/** `true` where the contract has words for these events and no others; anything else does not compile. */
true satisfies [AuditAction] extends [AuditEvent["action"]] ? true : never;
true satisfies [AuditEvent["action"]] extends [AuditAction] ? true : never;
