import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, readFileSync, rmSync } from "node:fs";
import https from "node:https";
import os from "node:os";
import path from "node:path";
import { promisify } from "node:util";
import type { Context } from "@/lib/domain/context";
import { createCredential } from "@/lib/domain/credentials/create-credential";
import { testCredential } from "@/lib/domain/credentials/test-credential";
import { organizationSlots } from "@/lib/domain/sync/organization-slots";
import { pullRepository, type PullTools } from "@/lib/domain/sync/pull-repository";
import { basicAuthorization } from "@/lib/domain/upstream/basic-authorization";
import { createEgressPolicy } from "@/lib/domain/upstream/egress-policy";
import { startGateway } from "@/lib/domain/upstream/gateway";
import { maintainMirror } from "@/lib/domain/upstream/maintain-mirror";
import { mirrorFolder, removeMirror } from "@/lib/domain/upstream/mirror";
import { createUpstreamClient } from "@/lib/domain/upstream/upstream-client";
import { parseKeyRing } from "@/lib/domain/vault/key-ring";
import { createVault } from "@/lib/domain/vault/vault";
import { makeContext, makeOrganization, makeRepository, memberActor, type MadeOrganization } from "@/prisma/factories";
import type { Latchkey } from "../start-latchkey";
import type { BenchHost } from "./bench-host";
import { compare, type Ratio } from "./ratio";
import { sweep, type Sweep } from "./sweep";

export interface UpstreamsMeasured {
  ratios: Ratio[];
  sweep: Sweep;
}

/** Tests and pulls from the benchmark's Git host, each beside what does the same without Latchkey, and a sweep of tests. */
export async function measureUpstreams(
  latchkey: Latchkey,
  host: BenchHost,
  { web, quick }: { web: number; quick: boolean },
): Promise<UpstreamsMeasured> {
  const organization = await makeOrganization(latchkey.db, "upstreams");
  const ring = parseKeyRing(readFileSync(path.join(latchkey.dataDir, "master-keys"), "utf8"));
  const ctx = makeContext(latchkey.db, memberActor(organization), {
    vault: createVault(() => ring),
    upstream: createUpstreamClient(createEgressPolicy([host.host]), readFileSync(host.caFile, "utf8")),
  });
  const repository = (name: string, owned: "small" | "large") =>
    makeRepository(latchkey.db, organization, name, {
      provider: "gitlab",
      host: host.host,
      owner: "bench",
      name: owned,
    });
  const tests = await measureTests(ctx, host, await repository("tested", "small"), quick ? 30 : 100);
  const pulls = await measurePulls(ctx, host, await repository("pulled", "large"), quick ? 5 : 11);
  const made: Made = { organization, ctx, repository: (name) => repository(name, "small") };
  return { ratios: [...tests, ...pulls], sweep: await sweep(latchkey, host, made, { web, count: quick ? 200 : 1000 }) };
}

/** What the sweep makes its repositories with. */
export interface Made {
  organization: MadeOrganization;
  ctx: Context;
  repository: (name: string) => Promise<{ id: string; name: string }>;
}

/** One test, with all that is kept of it, beside GETs of the very addresses that it asks. */
async function measureTests(
  ctx: Context,
  host: BenchHost,
  { id: repository }: { id: string },
  rounds: number,
): Promise<Ratio[]> {
  const { id } = await createCredential(ctx, { repository, password: host.token });
  const authorization = basicAuthorization("gitlab", { username: null, password: host.token });
  const advertisement = (service: string) => `/bench/small.git/info/refs?service=git-${service}-pack`;
  const asked: [string, string?][] = [
    [advertisement("upload")],
    [advertisement("upload"), authorization],
    [advertisement("receive"), authorization],
    ["/api/v4/personal_access_tokens/self", `Bearer ${host.token}`],
  ];
  const ca = readFileSync(host.caFile);
  const ours = async () => {
    const { outcome } = await testCredential(ctx, { id });
    if (outcome !== "reads_and_writes") throw new Error(`The test ended with ${outcome}.`);
  };
  const besides = (keepAlive: boolean) => async () => {
    const agent = new https.Agent({ keepAlive, ca, maxCachedSessions: 0 });
    for (const [address, sent] of asked) await rawGet(agent, `https://${host.host}${address}`, sent);
    agent.destroy();
  };
  const what = "one test (4 requests)";
  return [
    await compare({ what, floor: "raw GETs", most: 1.3, rounds, ours, besides: besides(false) }),
    await compare({ what, floor: "raw GETs, one connection", most: null, rounds, ours, besides: besides(true) }),
  ];
}

function rawGet(agent: https.Agent, url: string, authorization: string | undefined): Promise<void> {
  return new Promise((resolve, reject) => {
    const options = { agent, headers: { ...(authorization && { authorization }) } };
    https.get(url, options, (answer) => answer.resume().on("end", resolve)).on("error", reject);
  });
}

/** A pull as the worker runs it, with all that is kept of it, beside git alone. */
async function measurePulls(
  ctx: Context,
  host: BenchHost,
  { id: repositoryId }: { id: string },
  rounds: number,
): Promise<Ratio[]> {
  await createCredential(ctx, { repository: repositoryId, password: host.token });
  const folder = mkdtempSync(path.join(os.tmpdir(), "latchkey-bench-mirrors-"));
  const mirrors = path.join(folder, "mirrors");
  mkdirSync(mirrors);
  const signal = new AbortController().signal;
  const gateway = await startGateway(ctx.upstream);
  const tools: PullTools = {
    gateway,
    mirrors,
    minFreeBytes: 0,
    slots: organizationSlots(1),
    maintain: async (mirror) => void (await maintainMirror(mirror, signal)),
    signal,
  };
  const pull = async () => {
    const outcome = await pullRepository(ctx, tools, { repositoryId, ref: null, requestedBy: "bench" });
    if (outcome !== "succeeded") throw new Error(`The pull ended with ${outcome}.`);
  };
  const plain = path.join(folder, "plain.git");
  const fetch = () => fetchMirrorByGit(plain, host);
  const ratios = [
    await compare({
      what: "pull of 50 MB",
      floor: "git fetch --mirror",
      most: 1.15,
      rounds,
      ours: async () => {
        await pull();
        await removeMirror(mirrorFolder(mirrors, repositoryId));
      },
      besides: async () => {
        await git("init", "--quiet", "--bare", plain);
        await fetch();
        rmSync(plain, { recursive: true });
      },
    }),
  ];
  await git("init", "--quiet", "--bare", plain);
  ratios.push(
    await compare({
      what: "pull of nothing new",
      floor: "git fetch --mirror",
      most: 1.5,
      rounds: rounds * 4,
      ours: pull,
      besides: fetch,
    }),
  );
  await gateway.stop();
  rmSync(folder, { recursive: true, force: true });
  return ratios;
}

function fetchMirrorByGit(mirror: string, { host, caFile, token }: BenchHost): Promise<void> {
  const authorization = basicAuthorization("gitlab", { username: null, password: token });
  const settings = [`http.sslCAInfo=${caFile}`, `http.extraHeader=Authorization: ${authorization}`];
  const url = `https://${host}/bench/large.git`;
  return git(
    `--git-dir=${mirror}`,
    ...settings.flatMap((setting) => ["-c", setting]),
    ...["fetch", "--quiet", "--prune", url, "+refs/*:refs/*"],
  );
}

const run = promisify(execFile);

/** In an environment of its own, which no machine's configuration changes. */
async function git(...args: string[]): Promise<void> {
  const env = { PATH: process.env.PATH, NODE_ENV: process.env.NODE_ENV, HOME: "/nonexistent" };
  await run("git", args, { env: { ...env, GIT_CONFIG_NOSYSTEM: "1" } });
}
