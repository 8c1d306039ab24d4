/** What a backup holds, in the order in which it can be loaded: what is referred to comes first. */
export const BACKED_UP = [
  "master_key_check",
  "retired_master_key",
  "organization",
  "user",
  "second_factor",
  "recovery_code",
  "identity",
  "membership",
  "signing_key",
  "repository",
  "upstream",
  "git_credential",
  "credential_secret",
  "fingerprint_key",
  "webhook",
  "sync_run",
  "audit_chain",
  "audit_event",
] as const;

/** What it does not hold, and why. Every table is in one of the two lists: a new one must say where it belongs. */
export const LEFT_OUT = {
  session: "everybody signs in anew",
  pending_sign_in: "who was between the password and the code begins anew",
  one_time_link: "a link that was used or has expired since must not let anybody in again",
  invitation: "nor one that was withdrawn since",
  rate_limit: "counters of the last minutes",
  worker_lease: "workers that run now",
  key_holder: "processes that run now",
  webhook_delivery: "what was sent, or was on its way then",
  rotation: "one that ran then is begun anew by hand, from where it was",
  renewal: "attempts of then: a host is asked whether it still takes a token before it is asked to renew it",
  rotation_item: "as its rotation",
  audit_check: "what the last check of an audit log found, which the next one finds anew",
  mirror_head: "what a mirror holds, which the next pull finds",
  _prisma_migrations: "the manifest names them, and restoring applies them",
} as const;
