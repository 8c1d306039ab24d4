import type { TestOutcome, TestReason } from "@/lib/contract/test-outcome";
import type { Provider } from "@/lib/platform/prisma-client/enums";
import type { Secret } from "../vault/vault";
import { basicAuthorization } from "./basic-authorization";
import { withDeadline } from "./deadline";
import { readTokenFacts, NO_TOKEN_FACTS, type TokenFacts } from "./gitlab-token";
import { redirectedPath } from "./redirected-path";
import { refusedSignIn } from "./refused-sign-in";
import { upstreamPath, type UpstreamAddress } from "./remote-url";
import { watchForEcho } from "./secret-echo";
import { UpstreamUnreachable, type UpstreamAnswer, type UpstreamClient } from "./upstream-client";

export interface TestResult extends TokenFacts {
  outcome: TestOutcome;
  reason: TestReason | null;
  /** The software that the host says it runs. */
  hostSays: Provider | null;
  /** The path that the host's own redirects led to, where they did. */
  canonicalPath: string | null;
}

export type ProbedUpstream = UpstreamAddress & { canonicalPath: string | null };

export const MAX_REDIRECTS = 3;
/** For all of a test's questions together: somebody waits for it. */
export const TEST_MS = 25_000;
type Service = "git-upload-pack" | "git-receive-pack";

/**
 * Tests a secret for reading and for writing, as Git's smart HTTP has it: without the secret, then with it, then for
 * writing. The order and what each answer means: spec of the providers, "What servers answer". Never throws for what a
 * host does; the secret goes to the upstream's own origin only.
 */
export async function probe(
  client: UpstreamClient,
  upstream: ProbedUpstream,
  secret: Secret,
  { deadlineMs = TEST_MS }: { deadlineMs?: number } = {},
): Promise<TestResult> {
  if (upstream.provider === "srht") return result("takes_no_credential");
  const connection = client.connect(upstream.host);
  try {
    return await withDeadline(deadlineMs, undefined, (signal) => {
      const one: Ask = (path, authorization) =>
        connection.get({ path, signal, ...(authorization && { authorization }) });
      return ask(one, upstream, secret);
    });
  } catch (error) {
    if (error instanceof UpstreamUnreachable) return { ...result("unreachable"), reason: error.reason };
    throw error;
  } finally {
    connection.close();
  }
}

/** Asks the upstream's host for a small answer; a test's questions share one deadline. */
export type Ask = (path: string, authorization?: string) => Promise<UpstreamAnswer>;

async function ask(get: Ask, upstream: ProbedUpstream, secret: Secret): Promise<TestResult> {
  const authorization = basicAuthorization(upstream.provider, secret);
  const given = upstreamPath(upstream);

  const { path, answer: anonymous } = await follow(get, upstream, given);
  const isPublic = isAdvertisement(anonymous, "git-upload-pack");
  const reading = await get(advertisement(path, "git-upload-pack"), authorization);
  const hostSays = recognise(anonymous) ?? recognise(reading);
  // A path that has the secret in it, from a test before, is not one to keep.
  const moved = path !== given && !watchForEcho(authorization).seenInPath(path);
  const seen = { hostSays, canonicalPath: moved ? path : upstream.canonicalPath };
  if (!isAdvertisement(reading, "git-upload-pack")) return { ...refusalOf(reading), ...seen };

  const writing = await get(advertisement(path, "git-receive-pack"), authorization);
  // A public repository is read by everybody, and some hosts do not look at the secret for it: writing tells.
  if (isPublic && writing.status === 401) return { ...result("rejected"), ...seen };
  const writes =
    isAdvertisement(writing, "git-receive-pack") && (await mayPush(get, upstream, hostSays, authorization));
  const facts = await readTokenFacts(get, upstream, hostSays, secret);
  if (isPublic) {
    return { ...result("public_unproven"), reason: writes ? "accepted_for_writing" : null, ...facts, ...seen };
  }
  return { ...result(writes ? "reads_and_writes" : "reads_only"), ...facts, ...seen };
}

/** The anonymous question, along redirects within the upstream's own origin. */
async function follow(
  get: Ask,
  upstream: UpstreamAddress,
  given: string,
): Promise<{ path: string; answer: UpstreamAnswer }> {
  let path = given;
  let answer = await get(advertisement(path, "git-upload-pack"));
  for (let hop = 0; hop < MAX_REDIRECTS && answer.status >= 300 && answer.status < 400; hop += 1) {
    const next = redirectedPath(upstream, path, answer.location);
    if (next === null) break;
    path = next;
    answer = await get(advertisement(path, "git-upload-pack"));
  }
  return { path, answer };
}

function advertisement(path: string, service: Service): string {
  return `${path}/info/refs?service=${service}`;
}

/** Status, type and first packet must all be Git's: a login page answers 200 too. */
function isAdvertisement({ status, contentType, body }: UpstreamAnswer, service: Service): boolean {
  if (status !== 200 || !contentType.startsWith(`application/x-${service}-advertisement`)) return false;
  return body.subarray(4, 64).toString("latin1").startsWith(`# service=${service}`);
}

function refusalOf({ status, challenge }: UpstreamAnswer): TestResult {
  if (status === 401) return { ...result("rejected"), reason: refusedSignIn(challenge) };
  if (status === 403) return result("scope_too_small");
  if (status === 404) return result("no_access");
  if (status === 429 || status >= 500) throw new UpstreamUnreachable("host_error");
  return result("not_git");
}

/** Gitea and its family let a token in for writing that its user may not use so: their API tells. */
async function mayPush(
  get: Ask,
  { owner, name, provider }: UpstreamAddress,
  hostSays: Provider | null,
  authorization: string,
): Promise<boolean> {
  const software = hostSays ?? provider;
  if (software !== "gitea" && software !== "forgejo" && software !== "codeberg") return true;
  const path = `/api/v1/repos/${encodeURIComponent(owner)}/${encodeURIComponent(name)}`;
  const { status, body } = await get(path, authorization);
  if (status !== 200) return true;
  try {
    const { permissions } = JSON.parse(body.toString("utf8")) as { permissions?: { push?: unknown } };
    return permissions?.push !== false;
  } catch {
    return true;
  }
}

const REALMS: readonly [RegExp, Provider][] = [
  [/realm="?GitLab/i, "gitlab"],
  [/realm="?Bitbucket/i, "bitbucket"],
  [/realm="?Forgejo/i, "forgejo"],
  [/realm="?Gitea/i, "gitea"],
];

function recognise({ challenge }: UpstreamAnswer): Provider | null {
  return REALMS.find(([realm]) => realm.test(challenge ?? ""))?.[1] ?? null;
}

function result(outcome: TestOutcome): TestResult {
  return { outcome, reason: null, hostSays: null, canonicalPath: null, ...NO_TOKEN_FACTS };
}
