import { decodeJwt, decodeProtectedHeader, errors, importSPKI, jwtVerify, type JWTPayload } from "jose";
import { REPOSITORY_ID } from "./repositories";
import { scopeCovers, type Scope } from "./scopes";
import {
  ISSUER_FORM,
  MAX_TOKEN_LENGTH,
  policyProblem,
  readClaims,
  TOKEN_FORM,
  verification,
  type TokenClaims,
  type TokenPolicy,
} from "./token-claims";

/** A public key of the organization, revoked ones among them. */
export interface KnownKey {
  id: string;
  name: string;
  algorithm: string;
  thumbprint: string;
  publicKeyPem: string;
  revoked: boolean;
}

/** What the token is judged by. */
export interface TokenJudge {
  organization: string;
  keys: readonly KnownKey[];
  policy: TokenPolicy;
  now: Date;
  /** What it is to be used for; null where only the token itself is asked about. */
  scope: Scope | null;
  /** The repository's name that it is to be used for; empty where none is meant. */
  repository: string;
}

export interface TokenExplanation {
  /** The status that the API refuses it with; null where it lets it in. */
  status: 401 | 403 | null;
  /** Why, or what it may do. One or two sentences. */
  words: string;
  /** What was found good before that. */
  passed: string[];
  /** What stands in it, where that can be read. */
  header?: unknown;
  payload?: unknown;
}

/**
 * Says what the API makes of a token, and why, by the same rules and in the same order. Everything happens where it is
 * called, so in a browser nothing is sent. Never throws.
 */
export async function explainToken(pasted: string, judge: TokenJudge): Promise<TokenExplanation> {
  const token = pasted.trim().replace(/^(authorization:\s*)?bearer\s+/i, "");
  const passed: string[] = [];
  const refuse = (words: string, status: 401 | 403 = 401) => ({ status, words, passed, ...shown });
  let shown: { header?: unknown; payload?: unknown } = {};
  if (!TOKEN_FORM.test(token)) {
    return refuse("This is not a token: it needs three parts of letters, digits, - and _, with dots between them.");
  }
  if (token.length > MAX_TOKEN_LENGTH) return refuse("It is longer than 8 KB.");
  let kid: string | undefined;
  let issuer: unknown;
  try {
    const header = decodeProtectedHeader(token);
    const payload = decodeJwt(token);
    ({ kid } = header);
    issuer = payload.iss;
    shown = { header, payload };
  } catch {
    return refuse("It has the shape of a token, but its parts cannot be read as one.");
  }
  const wrongIssuer = issuerProblem(issuer, judge.organization);
  if (wrongIssuer) return refuse(wrongIssuer);
  passed.push(`It is issued by ${judge.organization}.`);

  const signed = await findSigner(token, kid, judge);
  if ("problem" in signed) return refuse(signed.problem);
  passed.push(`The key “${signed.key.name}” (${signed.key.algorithm}) made its signature.`);
  if (signed.claimProblem) return refuse(signed.claimProblem);
  passed.push("It is good at this time, by this computer's clock.");
  const against = policyProblem(signed.payload, judge.policy, judge.now);
  if (against) return refuse(against);
  const claims = readClaims(signed.payload);
  if ("problem" in claims) return refuse(claims.problem);
  const forbidden = useProblem(claims, judge);
  if (forbidden) return refuse(forbidden, 403);
  return { status: null, words: mayWords(claims), passed, ...shown };
}

function issuerProblem(issuer: unknown, organization: string): string | undefined {
  if (issuer === organization) return undefined;
  if (typeof issuer !== "string" || !ISSUER_FORM.test(issuer)) {
    return "Its issuer (iss) is missing or is no organization's name.";
  }
  return `Its issuer (iss) is “${issuer}”, and this organization is ${organization}. Only keys of the issuer are tried.`;
}

type Signed = { key: KnownKey; payload: JWTPayload; claimProblem?: string };

/** The active key that made the signature, or a sentence on why there is none. */
async function findSigner(
  token: string,
  kid: string | undefined,
  { organization, keys, now }: TokenJudge,
): Promise<Signed | { problem: string }> {
  const named = keys.filter(({ id, thumbprint }) => kid === undefined || kid === id || kid === thumbprint);
  let unsupported: KnownKey | undefined;
  const found: Signed[] = [];
  for (const key of named) {
    try {
      const signed = await verifyWith(token, key, organization, now);
      if (signed) found.push(signed);
    } catch {
      unsupported ??= key.revoked ? undefined : key;
    }
  }
  const active = found.find(({ key }) => !key.revoked);
  if (active) return active;
  if (found[0]) return { problem: `The key “${found[0].key.name}” made its signature, and that key was revoked.` };
  if (unsupported) {
    return { problem: `This browser cannot check signatures of the key “${unsupported.name}”. Another one may.` };
  }
  return { problem: unsignedWords(token, kid, named.length, keys) };
}

/** Undefined where the key did not make the signature. Throws where it cannot be tried here. */
async function verifyWith(token: string, key: KnownKey, issuer: string, now: Date): Promise<Signed | undefined> {
  const publicKey = await importSPKI(key.publicKeyPem, key.algorithm);
  try {
    const { payload } = await jwtVerify(token, publicKey, {
      ...verification(issuer, key.algorithm),
      currentDate: now,
    });
    return { key, payload };
  } catch (error) {
    // jose judges claims only after the signature.
    if (error instanceof errors.JWTExpired) {
      const { exp } = error.payload;
      return { key, payload: error.payload, claimProblem: `It ended at ${timeWords(exp)}. Sign a new one.` };
    }
    if (error instanceof errors.JWTClaimValidationFailed) {
      return { key, payload: error.payload, claimProblem: claimWords(error) };
    }
    return undefined;
  }
}

function claimWords({ claim, payload }: errors.JWTClaimValidationFailed): string {
  if (claim === "exp" && payload.exp === undefined)
    return "It does not say when it ends (exp), which every token must.";
  if (claim === "nbf" && typeof payload.nbf === "number")
    return `It is not good before ${timeWords(payload.nbf)} (nbf).`;
  return `Its claim ${claim} is wrong: times are numbers, in seconds since 1970.`;
}

function unsignedWords(token: string, kid: string | undefined, named: number, keys: readonly KnownKey[]): string {
  const active = keys.filter(({ revoked }) => !revoked);
  const { alg } = decodeProtectedHeader(token);
  const algorithms = [...new Set(active.map(({ algorithm }) => algorithm))];
  if (active.length === 0) return "This organization has no active signing key.";
  if (!algorithms.includes(alg ?? "")) {
    return `It says that it is signed with ${alg ?? "nothing"}, and the active keys here are for ${algorithms.join(", ")}.`;
  }
  if (named === 0)
    return `It names a key (kid “${kid}”) that this organization does not have. Leave kid out, or name one.`;
  return "No signing key of this organization made its signature: it was signed with another key, or changed afterwards.";
}

function useProblem(
  { scopes, repository }: TokenClaims,
  { scope, repository: wanted }: TokenJudge,
): string | undefined {
  if (scope !== null && !scopeCovers(scopes, scope)) {
    return `It lacks the scope ${scope}. It has ${scopes.length > 0 ? scopes.join(", ") : "none that is known"}.`;
  }
  if (wanted === "" || repository === undefined || repository === "org" || repository === wanted) return undefined;
  if (REPOSITORY_ID.test(repository) !== REPOSITORY_ID.test(wanted)) return undefined;
  return `It is bound to the repository ${repository}, so it does not reach ${wanted}.`;
}

function mayWords({ scopes, repository, subject }: TokenClaims): string {
  const where = repository === undefined || repository === "org" ? "every repository" : `the repository ${repository}`;
  const what = scopes.length > 0 ? scopes.join(", ") : "nothing: it has no scope that is known";
  return `The API lets it in. It acts as “${subject}”, on ${where}, for ${what}.`;
}

function timeWords(seconds: number | undefined): string {
  const date = new Date((seconds ?? 0) * 1000);
  return Number.isNaN(date.getTime())
    ? "no time at all"
    : date
        .toISOString()
        .replace("T", " ")
        .replace(/\.\d+Z$/, " UTC");
}
