import type { ProviderName } from "./providers";

/** What a Git host wants of a stored HTTPS credential, in the words of the credential page. */
export interface ProviderFacts {
  label: string;
  /** Filled in for the reader; empty where the host takes any name or none. */
  username: string;
  usernameHint: string;
  /** Scopes to tick where the token is made. */
  scopes: readonly { name: string; allows: string }[];
  /** The page where the token is made; null where there is none. */
  tokenPage: ((host: string) => string) | null;
  kinds: string;
  expiry: string;
  /** How long its tokens live where nobody chooses less; absent where they do not end or the host tells. */
  longestDays?: number;
  /** Said above the form where a credential cannot do what one would expect. */
  warning?: string;
}

const giteaFamily = {
  username: "",
  usernameHint: "Any name works beside a token; leave it empty if you like.",
  scopes: [
    { name: "read:repository", allows: "pull" },
    { name: "write:repository", allows: "push" },
  ],
  tokenPage: (host: string) => `https://${host}/user/settings/applications`,
  kinds: "A personal access token.",
  expiry: "Its tokens do not expire by themselves.",
};

export const PROVIDER_FACTS: Record<ProviderName, ProviderFacts> = {
  github: {
    label: "GitHub",
    username: "",
    usernameHint: "",
    scopes: [],
    tokenPage: null,
    kinds: "",
    expiry: "",
    warning:
      "GitHub is reached through a GitHub App, which Latchkey has not. Public repositories need no credential, so none can be stored here.",
  },
  gitlab: {
    label: "GitLab",
    username: "oauth2",
    usernameHint: "Any name works beside an access token. For a deploy token it is the token's own generated name.",
    scopes: [
      { name: "read_repository", allows: "pull" },
      { name: "write_repository", allows: "push" },
    ],
    tokenPage: (host) => `https://${host}/-/user_settings/personal_access_tokens`,
    kinds: "A personal, project or group access token. A deploy token can pull only.",
    expiry:
      "Every token expires, after 365 days at most, at 00:00 UTC. With self_rotate ticked as well, Latchkey can renew it before.",
  },
  bitbucket: {
    label: "Bitbucket",
    username: "x-token-auth",
    usernameHint: "x-token-auth for an access token; for an API token, x-bitbucket-api-token-auth or your username.",
    scopes: [
      { name: "read:repository:bitbucket", allows: "pull" },
      { name: "write:repository:bitbucket", allows: "push" },
    ],
    tokenPage: () => "https://id.atlassian.com/manage-profile/security/api-tokens",
    kinds: "An API token with scopes, or a repository, project or workspace access token.",
    expiry: "An API token lasts from one day to one year, as chosen when it is made.",
    longestDays: 365,
  },
  gitea: { label: "Gitea", ...giteaFamily },
  forgejo: { label: "Forgejo", ...giteaFamily },
  codeberg: { label: "Codeberg", ...giteaFamily },
  "sr.ht": {
    label: "SourceHut",
    username: "",
    usernameHint: "",
    scopes: [],
    tokenPage: null,
    kinds: "None works over HTTPS.",
    expiry: "",
    warning:
      "git.sr.ht takes no credential over HTTPS: its public repositories can be pulled without one, its private ones not at all. You can store one, but it will not be of use.",
  },
};
