import type { TestOutcome, TestReason } from "@/lib/contract/test-outcome";
import type { Provider } from "@/lib/platform/prisma-client/enums";
import type { Secret } from "../vault/vault";
import { basicAuthorization } from "./basic-authorization";
import { withDeadline } from "./deadline";
import { readTokenFacts, NO_TOKEN_FACTS, type TokenFacts } from "./gitlab-token";
import { redirectedPath } from "./redirected-path";
import { upstreamPath, type UpstreamAddress } from "./remote-url";
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

const MAX_REDIRECTS = 3;
/** For all of a test's questions together: somebody waits for it. */
const TEST_MS = 25_000;
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
  try {
    return await withDeadline(deadlineMs, undefined, (signal) => {
      const one: Ask = (host, path, authorization) =>
        client.get(host, { path, signal, ...(authorization && { authorization }) });
      return ask(one, upstream, secret);
    });
  } catch (error) {
    if (error instanceof UpstreamUnreachable) return { ...result("unreachable"), reason: error.reason };
    throw error;
  }
}

/** Asks upstreams for small answers; a test's questions share one deadline. */
export type Ask = (host: string, path: string, authorization?: string) => Promise<UpstreamAnswer>;

async function ask(client: Ask, upstream: ProbedUpstream, secret: Secret): Promise<TestResult> {
  const { host, provider } = upstream;
  const authorization = basicAuthorization(provider, secret);
  const given = upstreamPath(upstream);

  const { path, answer: anonymous } = await follow(client, upstream, given);
  const isPublic = isAdvertisement(anonymous, "git-upload-pack");
  const reading = await get(client, host, path, "git-upload-pack", authorization);
  const hostSays = recognise(anonymous) ?? recognise(reading);
  const seen = { hostSays, canonicalPath: path === given ? upstream.canonicalPath : path };
  if (!isAdvertisement(reading, "git-upload-pack")) return { ...result(refusalOf(reading)), ...seen };

  const writing = await get(client, host, path, "git-receive-pack", authorization);
  // A public repository is read by everybody, and some hosts do not look at the secret for it: writing tells.
  if (isPublic && writing.status === 401) return { ...result("rejected"), ...seen };
  const writes =
    isAdvertisement(writing, "git-receive-pack") && (await mayPush(client, upstream, hostSays, authorization));
  const facts = await readTokenFacts(client, upstream, hostSays, secret);
  if (isPublic) {
    return { ...result("public_unproven"), reason: writes ? "accepted_for_writing" : null, ...facts, ...seen };
  }
  return { ...result(writes ? "reads_and_writes" : "reads_only"), ...facts, ...seen };
}

/** The anonymous question, along redirects within the upstream's own origin. */
async function follow(
  client: Ask,
  upstream: UpstreamAddress,
  given: string,
): Promise<{ path: string; answer: UpstreamAnswer }> {
  let path = given;
  let answer = await get(client, upstream.host, path, "git-upload-pack");
  for (let hop = 0; hop < MAX_REDIRECTS && answer.status >= 300 && answer.status < 400; hop += 1) {
    const next = redirectedPath(upstream, path, answer.location);
    if (next === null) break;
    path = next;
    answer = await get(client, upstream.host, path, "git-upload-pack");
  }
  return { path, answer };
}

function get(
  client: Ask,
  host: string,
  path: string,
  service: Service,
  authorization?: string,
): Promise<UpstreamAnswer> {
  return client(host, `${path}/info/refs?service=${service}`, authorization);
}

/** Status, type and first packet must all be Git's: a login page answers 200 too. */
function isAdvertisement({ status, contentType, body }: UpstreamAnswer, service: Service): boolean {
  if (status !== 200 || !contentType.startsWith(`application/x-${service}-advertisement`)) return false;
  return body.subarray(4, 64).toString("latin1").startsWith(`# service=${service}`);
}

function refusalOf({ status }: UpstreamAnswer): TestOutcome {
  if (status === 401) return "rejected";
  if (status === 403) return "scope_too_small";
  if (status === 404) return "no_access";
  if (status === 429 || status >= 500) throw new UpstreamUnreachable("host_error");
  return "not_git";
}

/** Gitea and its family let a token in for writing that its user may not use so: their API tells. */
async function mayPush(
  client: Ask,
  { host, owner, name, provider }: UpstreamAddress,
  hostSays: Provider | null,
  authorization: string,
): Promise<boolean> {
  const software = hostSays ?? provider;
  if (software !== "gitea" && software !== "forgejo" && software !== "codeberg") return true;
  const path = `/api/v1/repos/${encodeURIComponent(owner)}/${encodeURIComponent(name)}`;
  const { status, body } = await client(host, path, authorization);
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
