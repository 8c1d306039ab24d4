import { PROVIDER_FACTS } from "./provider-facts";
import type { ProviderName } from "./providers";

/** What a test of a credential against its upstream found. A closed set: a host's own words are never passed on. */
export const TEST_OUTCOMES = [
  "reads_and_writes",
  "reads_only",
  "rejected",
  "no_access",
  "scope_too_small",
  "public_unproven",
  "takes_no_credential",
  "unreachable",
  "not_git",
] as const;

export type TestOutcome = (typeof TEST_OUTCOMES)[number];

/** Why, where one outcome has several reasons. */
export const TEST_REASONS = [
  "name",
  "address",
  "connection",
  "certificate",
  "time",
  "host_error",
  "other_sign_in",
  "accepted_for_writing",
] as const;

export type TestReason = (typeof TEST_REASONS)[number];

/** Outcomes after which a secret is not saved, unless somebody asks for that in so many words. */
export const REFUSED_OUTCOMES: readonly TestOutcome[] = [
  "rejected",
  "no_access",
  "scope_too_small",
  "unreachable",
  "not_git",
];

/** A badge's two or three words, and how it looks. */
export const OUTCOME_BADGES: Record<TestOutcome, { tone: "ok" | "warn" | "danger" | "neutral"; words: string }> = {
  reads_and_writes: { tone: "ok", words: "Reads and writes" },
  reads_only: { tone: "ok", words: "Reads only" },
  rejected: { tone: "danger", words: "Rejected" },
  no_access: { tone: "danger", words: "No access" },
  scope_too_small: { tone: "danger", words: "Scope too small" },
  public_unproven: { tone: "neutral", words: "Public, unproven" },
  takes_no_credential: { tone: "warn", words: "Not usable" },
  unreachable: { tone: "warn", words: "Unreachable" },
  not_git: { tone: "danger", words: "Not a Git server" },
};

const NOTHING_ANSWERED = "nothing answered there. Check the port, or whether the host is up.";

const UNREACHABLE: Partial<Record<TestReason, string>> = {
  name: "its name does not resolve. Check the host's spelling, or its DNS.",
  address:
    "it resolves to an address that is not public. The operator of Latchkey can allow it with LATCHKEY_EGRESS_ALLOW.",
  certificate:
    "its TLS certificate has expired, is another host's, or is from an authority that is not known. The operator of Latchkey can name an authority with LATCHKEY_UPSTREAM_CA_FILE.",
  time: "it did not answer in time. Try again.",
  host_error: "it answered with an error of its own. Try again later.",
};

/** An outcome in a sentence or two: what happened, and what to do. */
export function outcomeSentence(
  outcome: TestOutcome,
  { reason, provider, host }: { reason: TestReason | null; provider: ProviderName; host: string },
): string {
  const { scopes } = PROVIDER_FACTS[provider];
  const named = scopes.map(({ name }) => name).join(" and ");
  const remedy = named ? `Make a new one with ${named}.` : "Make a new one on the host.";
  switch (outcome) {
    case "reads_and_writes":
      return "Reads and writes.";
    case "reads_only":
      return "Reads, but may not write. That is enough for pulling.";
    case "rejected":
      if (reason === "other_sign_in") return otherSignInSentence(host);
      return `${host} refused this secret (401). It is wrong, expired, or was revoked. ${remedy}`;
    case "no_access":
      return `${host} knows the secret but shows no such repository (404). Either the repository is not there, or the secret's owner has no access to it.`;
    case "scope_too_small":
      return `${host} accepted the secret but not for reading this repository (403). Its scope is too small. ${remedy}`;
    case "public_unproven":
      return reason === "accepted_for_writing"
        ? "The repository is public, so reading proves nothing; the host took the secret for writing."
        : "The repository is public: everybody can read it, so nothing is proved about this secret.";
    case "takes_no_credential":
      return `${host} takes no credential over HTTPS, so this one is of no use there.`;
    case "unreachable":
      return `${host} could not be reached: ${(reason && UNREACHABLE[reason]) ?? NOTHING_ANSWERED}`;
    case "not_git":
      return `${host} answered, but not as a Git server does. Check the repository's address.`;
  }
}

/** What is said of a host that no stored secret can sign in to. */
export function otherSignInSentence(host: string): string {
  return `${host} lets nobody sign in with a username and a token (401): it asks for Kerberos or NTLM, which Latchkey does not speak. Its administrator can allow Basic sign-in for Git over HTTPS.`;
}
