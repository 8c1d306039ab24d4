import type { RenewalOutcome } from "@/lib/contract/renewals";
import type { SingleSignOnRefusal } from "@/lib/contract/single-sign-on";
import type { TestOutcome } from "@/lib/contract/test-outcome";

/**
 * Every event there is, with the only details it may carry. Closed on purpose: a row never holds a whole record, so a
 * column added later cannot leak into the log.
 */
export type AuditEvent =
  | { action: "organization.created"; targetId: string; details: { slug: string } }
  | { action: "organization.restored"; targetId: string; details: { backup_of: string } }
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
  | { action: "repository.write_expected"; targetId: string; details: { name: string; expected: boolean } }
  | { action: "repository.detached"; targetId: string; details: { name: string; credential_removed: boolean } }
  | { action: "credential.created"; targetId: string; repositoryId: string; details: SavedCredentialDetails }
  | { action: "credential.rotated"; targetId: string; repositoryId: string; details: SavedCredentialDetails }
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
  | { action: "webhook.added"; targetId: string; details: { host: string; events: string } }
  | { action: "webhook.removed"; targetId: string; details: { host: string } }
  | { action: "webhook.tested"; targetId: string; details: { host: string } }
  | { action: "webhook.replayed"; targetId: string; details: { host: string; event: string } }
  | { action: "webhook.unreadable"; targetId: string; details: { host: string | null } }
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
  | { action: "organization.repositories_exported"; targetId: string; details: { format: string } }
  | { action: "audit.exported"; targetId: string; details: { format: string } };

interface SavedCredentialDetails {
  repository: string;
  version: number;
  has_username: boolean;
  /** What the test before saving found; "skipped" where somebody chose so, "none" where none was asked for. */
  test: TestOutcome | "skipped" | "none";
}

export type AuditAction = AuditEvent["action"];

/** Every action, for the filter of the audit page. The `satisfies` makes a new event fail to compile until it is here. */
export const AUDIT_ACTIONS = Object.keys({
  "organization.created": true,
  "organization.restored": true,
  "organization.keep_days_changed": true,
  "organization.token_policy_changed": true,
  "organization.second_factor_rule_changed": true,
  "repository.created": true,
  "repository.deleted": true,
  "repository.detached": true,
  "repository.schedule_changed": true,
  "repository.write_expected": true,
  "credential.created": true,
  "credential.rotated": true,
  "credential.rolled_back": true,
  "credential.previous_erased": true,
  "credential.renewal_turned_on": true,
  "credential.renewal_turned_off": true,
  "credential.renewed": true,
  "credential.renewal_failed": true,
  "rotation.requested": true,
  "rotation.cancelled": true,
  "rotation.finished": true,
  "rotation.unreadable": true,
  "import.started": true,
  "import.cancelled": true,
  "import.finished": true,
  "import.unreadable": true,
  "credential.removed": true,
  "credential.unreadable": true,
  "credential.tested": true,
  "credential.refused": true,
  "signing_key.added": true,
  "signing_key.revoked": true,
  "member.invited": true,
  "member.invitation_withdrawn": true,
  "member.joined": true,
  "member.role_changed": true,
  "member.removed": true,
  "member.password_changed": true,
  "member.password_removed": true,
  "webhook.added": true,
  "webhook.removed": true,
  "webhook.tested": true,
  "webhook.replayed": true,
  "webhook.unreadable": true,
  "master_key.added": true,
  "master_key.rewrap_started": true,
  "master_key.rewrapped": true,
  "master_key.retired": true,
  "member.signed_in": true,
  "member.sign_in_failed": true,
  "member.signed_out": true,
  "member.sessions_ended": true,
  "member.second_factor_on": true,
  "member.second_factor_off": true,
  "member.second_factor_unreadable": true,
  "member.recovery_code_used": true,
  "member.recovery_codes_renewed": true,
  "member.identity_linked": true,
  "organization.fingerprint_key_unreadable": true,
  "organization.repositories_exported": true,
  "audit.exported": true,
} satisfies Record<AuditAction, true>) as AuditAction[];
