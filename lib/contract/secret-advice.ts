import { PROVIDER_FACTS } from "./provider-facts";
import type { ProviderName } from "./providers";

export interface SecretAdvice {
  /** `wrong`: it cannot work there, so the form asks before it sends it. `note`: it works, with something to know. */
  kind: "wrong" | "note";
  message: string;
}

/** Prefixes that one host alone gives its tokens, and which providers take them. */
const PREFIXES: readonly { prefix: RegExp; of: string; providers: readonly ProviderName[] }[] = [
  { prefix: /^(gh[pousr]_|github_pat_)/, of: "GitHub", providers: ["github"] },
  { prefix: /^(glpat-|gldt-|gloas-|glcbt-|glrt-)/, of: "GitLab", providers: ["gitlab"] },
  { prefix: /^(ATATT|ATCTT|ATBB)/, of: "Bitbucket", providers: ["bitbucket"] },
];

/** What a secret's first letters tell about it on this host, before it is sent anywhere. Advice: hosts may change prefixes. */
export function secretAdvice(provider: ProviderName, secret: string): SecretAdvice | null {
  const owner = PREFIXES.find(({ prefix }) => prefix.test(secret));
  if (owner && !owner.providers.includes(provider)) {
    const { label } = PROVIDER_FACTS[provider];
    return { kind: "wrong", message: `This looks like a token of ${owner.of}, and the upstream is ${label}.` };
  }
  if (secret.startsWith("ATBB")) {
    return {
      kind: "wrong",
      message: "This is a Bitbucket app password. They stopped working on 9 June 2026: make an API token with scopes.",
    };
  }
  if (secret.startsWith("glrt-")) {
    return { kind: "wrong", message: "This is a GitLab runner token. It cannot read repositories." };
  }
  if (secret.startsWith("gldt-")) {
    return { kind: "note", message: "A deploy token can pull but never push, and needs its own generated username." };
  }
  if (/^-----BEGIN/.test(secret) || /^ssh-(rsa|ed25519) /.test(secret)) {
    return { kind: "wrong", message: "This is a key. Over HTTPS the host wants a token or a password." };
  }
  return null;
}
