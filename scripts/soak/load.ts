import { randomBytes } from "node:crypto";
import { setTimeout as sleep } from "node:timers/promises";
import { operations, type Operation } from "@/lib/contract/operations";
import type { MadeKey, MadeOrganization } from "@/prisma/factories";
import type { GitHost } from "@/scripts/git-host/start-git-host";

export interface Installation {
  /** Where it answers just now: a restart changes it. */
  url: () => string;
  /** Whether a restart is under way, so that requests may fail. */
  restarting: () => boolean;
  organization: MadeOrganization;
  key: MadeKey;
  cookie: string;
  gitHost: GitHost;
  /** Names of repositories that are pulled from the Git host, as `acme/NAME` there. */
  pulled: string[];
  /** The token of each of those that is stored, where that is known. */
  tokens: Map<string, string>;
  /** Ids of repositories whose credential comes and goes. */
  changing: string[];
}

/** What was answered, and what should not have been. */
export class Answers {
  expected = 0;
  duringRestarts = 0;
  readonly unexpected = new Map<string, number>();

  note(what: string): void {
    this.unexpected.set(what, (this.unexpected.get(what) ?? 0) + 1);
  }
}

interface Asked {
  name: string;
  method: string;
  path: string;
  headers: Record<string, string>;
  body?: string;
  statuses: readonly number[];
}

const PAGES = ["repos", "attention", "settings/audit", "settings/members", "settings/signing-keys"];
/** Pauses between the requests of one loop, in milliseconds: together about 30 requests a second. */
const PAUSE = { credentials: 40, repositories: 500, pages: 250, pulls: 400, rotation: 20_000 };

/** Runs all loops until the signal aborts. */
export async function runLoad(it: Installation, answers: Answers, signal: AbortSignal): Promise<void> {
  const loop = async (pause: number, act: (round: number) => Promise<unknown>) => {
    for (let round = 0; !signal.aborted; round += 1) {
      await act(round);
      await sleep(pause, undefined, { signal }).catch(() => undefined);
    }
  };
  const api = apiCaller(it, answers);
  const ending: string[] = [];
  await Promise.all([
    loop(PAUSE.credentials, (round) => changeCredential(api, it.changing[round % it.changing.length]!)),
    loop(PAUSE.credentials, (round) => changeCredential(api, it.changing[(round + 7) % it.changing.length]!)),
    loop(PAUSE.repositories, () => changeRepository(api)),
    loop(PAUSE.pages, (round) => visit(it, answers, pageOf(it, round))),
    loop(PAUSE.pulls, (round) => pullOrTest(api, it, answers, round)),
    loop(PAUSE.rotation, (round) => rotateUpstream(api, it, ending, round)),
  ]);
}

type Api = (
  operation: Operation,
  statuses: readonly number[],
  call?: { claims?: object; params?: Record<string, string>; body?: object },
) => Promise<Record<string, unknown> | undefined>;

function apiCaller(it: Installation, answers: Answers): Api {
  return async ({ method, path }, statuses, { claims = {}, params = {}, body } = {}) => {
    const headers = {
      authorization: `Bearer ${await it.key.token({ ...claims })}`,
      "content-type": "application/json",
    };
    const filled = path.replace(/\{(\w+)\}/g, (_, name: string) => encodeURIComponent(params[name]!));
    const text = await ask(it, answers, {
      name: `${method} ${path}`,
      ...{ method, path: filled, headers, statuses, ...(body && { body: JSON.stringify(body) }) },
    });
    return text ? (JSON.parse(text) as Record<string, unknown>) : undefined;
  };
}

/** The answer's body; undefined where there was none, or not the one that was expected. */
async function ask(it: Installation, answers: Answers, asked: Asked): Promise<string | undefined> {
  const { name, statuses, path, ...init } = asked;
  const before = it.restarting();
  let got: string;
  // A server that stops or starts may fail, and nothing else.
  let failed = true;
  try {
    const response = await fetch(`${it.url()}${path}`, { ...init, redirect: "manual" });
    const text = await response.text();
    if (statuses.includes(response.status)) {
      answers.expected += 1;
      return text;
    }
    got = String(response.status);
    failed = response.status >= 500;
  } catch (error) {
    got = (error as { cause?: { code?: string } }).cause?.code ?? "no answer";
  }
  if (failed && (before || it.restarting())) answers.duringRestarts += 1;
  else answers.note(`${name}: ${got}`);
  return undefined;
}

/** Two loops meet at times, so that one finds what the other has just made or removed. */
async function changeCredential(api: Api, repo_id: string): Promise<void> {
  const password = () => randomBytes(20).toString("hex");
  const made = await api(operations.createCredential, [201, 409], { body: { repo_id, password: password() } });
  const { id } = (made?.existing ?? made ?? {}) as { id?: string };
  if (!id) return;
  await api(operations.rotateCredential, [200, 404], { body: { id, username: "git", password: password() } });
  await api(operations.removeCredential, [204, 404], { body: { id } });
}

async function changeRepository(api: Api): Promise<void> {
  const claims = { repo: `soak/${randomBytes(6).toString("hex")}` };
  const base_repo = { provider: "gitlab", owner: "acme", name: "app", operation: "sync" };
  if (!(await api(operations.createRepositoryV1, [201], { claims, body: { base_repo } }))) return;
  await api(operations.readRepositoryV1, [200], { claims });
  await api(operations.deleteRepositoryV1, [200], { claims });
}

async function visit(it: Installation, answers: Answers, path: string): Promise<void> {
  await ask(it, answers, { name: "page", method: "GET", path, headers: { cookie: it.cookie }, statuses: [200] });
}

function pageOf({ organization, pulled }: Installation, round: number): string {
  const repository = `repos/${pulled[round % pulled.length]}`;
  const pages = [...PAGES, repository, `${repository}/settings/credential`];
  return `/${organization.slug}/${pages[round % pages.length]}`;
}

async function pullOrTest(api: Api, { gitHost, pulled }: Installation, answers: Answers, round: number): Promise<void> {
  const name = pulled[round % pulled.length]!;
  const params = { repo_name: name };
  if (round % 5 === 0) gitHost.commit(`acme/${name}`, "refs/heads/main");
  await api(operations.pullUpstream, [202], { params, body: {} });
  if (round % 5 !== 1) return;
  const id = await credentialOf(api, params);
  if (!id) return;
  const tested = await api(operations.testRepositoryCredential, [200], { params: { ...params, id } });
  if (tested && tested.outcome !== "reads_and_writes") answers.note(`a test: ${String(tested.outcome)}`);
}

async function credentialOf(api: Api, params: { repo_name: string }): Promise<string | undefined> {
  const found = await api(operations.listRepositoryCredentials, [200], { params });
  return (found?.credentials as { id: string }[] | undefined)?.[0]?.id;
}

/**
 * A token is replaced at the host as people do it: the new one is stored before the old one ends, which is at the next
 * turn, so that what was sent with it a moment ago has arrived.
 */
async function rotateUpstream(
  api: Api,
  { gitHost, pulled, tokens }: Installation,
  ending: string[],
  round: number,
): Promise<void> {
  for (const old of ending.splice(0)) gitHost.tokens.delete(old);
  const name = pulled[round % pulled.length]!;
  const params = { repo_name: name };
  const id = await credentialOf(api, params);
  if (!id) return;
  const password = newToken(gitHost);
  const old = tokens.get(name);
  // Where nobody answers, either may be the one that is stored.
  tokens.delete(name);
  const rotated = await api(operations.rotateRepositoryCredential, [200], {
    params: { ...params, id },
    body: { password },
  });
  if (!rotated) return;
  tokens.set(name, password);
  if (old) ending.push(old);
}

function newToken(gitHost: GitHost): string {
  const token = `glpat-${randomBytes(20).toString("hex")}`;
  gitHost.tokens.set(token, "write");
  return token;
}

/** Stores the credential of every repository that is pulled. */
export async function prepareLoad(it: Installation, answers: Answers): Promise<void> {
  const api = apiCaller(it, answers);
  for (const name of it.pulled) {
    const password = newToken(it.gitHost);
    it.tokens.set(name, password);
    const params = { repo_name: name };
    await api(operations.createRepositoryCredential, [201], { params, body: { password } });
  }
}
