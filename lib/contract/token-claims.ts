import { SCOPES, type Scope } from "./scopes";

/** What an organization asks of its tokens besides a signature. */
export interface TokenPolicy {
  /** What `aud` must hold; null where anything is taken. */
  audience: string | null;
  /** The longest time from `iat` to `exp`; null where it is as signed. */
  maxMinutes: number | null;
}

/** What a token says of its bearer. */
export interface TokenClaims {
  subject: string;
  /** The `repo` claim: a repository's name or id, `"org"`, or absent. */
  repository: string | undefined;
  scopes: readonly Scope[];
}

export const MAX_TOKEN_LENGTH = 8192;

/** How far the clocks of who signs and who verifies may be apart. */
export const CLOCK_LEEWAY_SECONDS = 60;

/** A token as it stands behind `Bearer`: three parts of base64url. */
export const TOKEN_FORM = /^[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+\.[A-Za-z0-9_-]+$/;

/** What an issuer must look like to be an organization's name at all. */
export const ISSUER_FORM = /^[a-z0-9-]{2,40}$/;

/** What jose is told to verify, besides the signature; the server and the page that explains tokens ask the same. */
export function verification(issuer: string, algorithm: string) {
  return { algorithms: [algorithm], issuer, requiredClaims: ["iss", "exp"], clockTolerance: CLOCK_LEEWAY_SECONDS };
}

/** The claims of a verified token, or a sentence that says which of them is wrong. Scopes that nobody knows are left out. */
export function readClaims(payload: Readonly<Record<string, unknown>>): TokenClaims | { problem: string } {
  const { sub, repo, scopes } = payload;
  if (repo !== undefined && (typeof repo !== "string" || repo === "" || repo.length > 255 || repo.includes("\0"))) {
    return { problem: "The token's repo claim must be a repository's name or id, or \"org\"." };
  }
  if (!Array.isArray(scopes) || !scopes.every((scope) => typeof scope === "string")) {
    return { problem: "The token's scopes claim must be a list of scopes." };
  }
  return {
    subject:
      typeof sub === "string" && sub !== "" && !sub.includes("\0") ? sub.slice(0, 255).toWellFormed() : "unnamed token",
    repository: repo?.toWellFormed(),
    scopes: SCOPES.filter((scope) => scopes.includes(scope)),
  };
}

/**
 * A sentence on what the organization's policy has against a token, or undefined where it has nothing. `exp` and `iat`
 * must be numbers where they are there, which jose has seen to.
 */
export function policyProblem(
  { aud, exp, iat }: { aud?: unknown; exp?: unknown; iat?: unknown },
  { audience, maxMinutes }: TokenPolicy,
  now: Date,
): string | undefined {
  if (audience !== null && !(Array.isArray(aud) ? aud : [aud]).includes(audience)) {
    return `This organization takes tokens with the audience (aud) "${audience}" only.`;
  }
  if (maxMinutes === null) return undefined;
  const limit = `This organization takes tokens that are good for at most ${minutesWords(maxMinutes)}`;
  if (typeof iat !== "number" || iat > now.getTime() / 1000 + CLOCK_LEEWAY_SECONDS) {
    return `${limit}, so they must say when they were signed (iat), and not a time to come.`;
  }
  if (typeof exp !== "number" || exp - iat > maxMinutes * 60) return `${limit}. Sign this one for less.`;
  return undefined;
}

/** Minutes for a reader: 15 minutes, 8 hours, 30 days. */
export function minutesWords(minutes: number): string {
  const [size, name] = minutes % 1440 === 0 ? [1440, "day"] : minutes % 60 === 0 ? [60, "hour"] : [1, "minute"];
  const count = minutes / size;
  return `${count} ${name}${count === 1 ? "" : "s"}`;
}
