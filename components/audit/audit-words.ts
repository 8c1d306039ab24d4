import type { AuditRow } from "@/lib/contract/audit-row";

const WORDS: Record<string, string> = {
  "organization.created": "Organization created",
  "organization.restored": "Restored from a backup",
  "organization.keep_days_changed": "Time that replaced secrets are kept changed",
  "organization.token_policy_changed": "Rules for tokens changed",
  "organization.second_factor_rule_changed": "Rule on second factors changed",
  "repository.created": "Repository created",
  "repository.deleted": "Repository deleted",
  "repository.schedule_changed": "Schedule changed",
  "repository.write_expected": "Writing to the upstream declared",
  "repository.detached": "Repository detached from its upstream",
  "credential.created": "Credential added",
  "credential.rotated": "Credential rotated",
  "credential.rolled_back": "Credential rolled back",
  "credential.previous_erased": "Previous secret erased",
  "credential.renewal_turned_on": "Renewal turned on",
  "credential.renewal_turned_off": "Renewal turned off",
  "credential.renewed": "Credential renewed by its host",
  "credential.renewal_failed": "Renewal failed",
  "rotation.requested": "Rotation for all repositories of a token begun",
  "rotation.cancelled": "Rotation for all cancelled",
  "rotation.finished": "Rotation for all finished",
  "rotation.unreadable": "New secret of a rotation could not be opened",
  "import.started": "Import begun",
  "import.cancelled": "Import cancelled",
  "import.finished": "Import finished",
  "import.unreadable": "Secret of an imported line could not be opened",
  "credential.removed": "Credential removed",
  "credential.tested": "Credential tested",
  "credential.refused": "Secret refused by the host",
  "credential.unreadable": "Credential could not be opened",
  "signing_key.added": "Signing key added",
  "signing_key.revoked": "Signing key revoked",
  "member.invited": "Member invited",
  "member.invitation_withdrawn": "Invitation withdrawn",
  "member.joined": "Member joined",
  "member.role_changed": "Role changed",
  "member.removed": "Member removed",
  "member.password_changed": "Password changed",
  "member.password_removed": "Password taken away",
  "webhook.added": "Webhook added",
  "webhook.removed": "Webhook removed",
  "webhook.tested": "Test sent to a webhook",
  "webhook.replayed": "Webhook delivery sent again",
  "webhook.unreadable": "Secret of a webhook could not be opened",
  "master_key.added": "Master key added",
  "master_key.rewrap_started": "Rewrapping of secrets begun",
  "master_key.rewrapped": "Secrets rewrapped",
  "master_key.retired": "Master key retired",
  "member.signed_in": "Signed in",
  "member.sign_in_failed": "Sign-in failed",
  "member.signed_out": "Signed out",
  "member.sessions_ended": "Sessions ended",
  "member.second_factor_on": "Second factor turned on",
  "member.second_factor_off": "Second factor turned off",
  "member.second_factor_unreadable": "Second factor could not be opened",
  "member.recovery_code_used": "Recovery code used",
  "member.recovery_codes_renewed": "Recovery codes renewed",
  "member.identity_linked": "Single sign-on linked",
  "organization.fingerprint_key_unreadable": "Key that tells shared tokens could not be opened",
  "organization.repositories_exported": "List of repositories exported",
  "audit.exported": "Audit log exported",
};

/** An action in words. */
export function actionWords(action: string): string {
  return WORDS[action] ?? action;
}

/** Who did it: a member by e-mail address, a token by its subject, or Latchkey itself. */
export function actorWords({ kind, name }: AuditRow["actor"]): string {
  return kind === "member" ? name : `${name} (${kind})`;
}

/** What it was done to, by the name that people know it under. */
export function subjectWords({ details, target }: AuditRow): string {
  const { repository, name, email, slug, host } = details;
  return String(repository ?? email ?? name ?? slug ?? host ?? target.id);
}
