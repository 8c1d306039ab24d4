import { readFileSync } from "node:fs";
import path from "node:path";
import { setTimeout as sleep } from "node:timers/promises";
import pLimit from "p-limit";
import { operations } from "@/lib/contract/operations";
import { createCredential } from "@/lib/domain/credentials/create-credential";
import { createEgressPolicy } from "@/lib/domain/upstream/egress-policy";
import { createUpstreamClient } from "@/lib/domain/upstream/upstream-client";
import { parseKeyRing } from "@/lib/domain/vault/key-ring";
import { createVault } from "@/lib/domain/vault/vault";
import { makeContext, makeOrganization, makeRepository, makeSigningKey, memberActor } from "@/prisma/factories";
import type { Latchkey } from "../start-latchkey";
import type { BenchHost } from "./bench-host";
import { startLoad, type RunningLoad } from "./start-load";

export interface Bulk {
  repositories: number;
  rotated: number;
  seconds: number;
  testsPerSecond: number;
  /** Of the API, before the rotation and while it runs, in milliseconds. */
  base: ApiLatency;
  meanwhile: ApiLatency;
}

interface ApiLatency {
  p50: number;
  p99: number;
  requests: number;
  unexpected: number;
}

/** As many requests a second as a busy afternoon of scripts sends, so that what is measured is waiting, not load. */
const API_PER_SECOND = 50;
const API_CONNECTIONS = 4;
const BASE_MS = 10_000;

/** Rotates the one token of many repositories, and watches the API before and meanwhile. */
export async function measureBulk(latchkey: Latchkey, host: BenchHost, { quick }: { quick: boolean }): Promise<Bulk> {
  const count = quick ? 100 : 1000;
  const { headers, shared, others } = await prepare(latchkey, host, count);
  const api = () => startApi(latchkey, headers, host.token, [...others]);
  const quiet = api();
  await sleep(BASE_MS);
  const base = await latencyOf(quiet);
  const busy = api();
  const started = performance.now();
  const id = await rotateAll(latchkey, headers, { id: shared, password: host.nextToken });
  while ((await latchkey.db.rotation.count({ where: { id, finishedAt: null } })) > 0) await sleep(100);
  const seconds = (performance.now() - started) / 1000;
  const meanwhile = await latencyOf(busy);
  const rotated = await latchkey.db.rotationItem.count({ where: { rotationId: id, state: "rotated" } });
  const bulk: Bulk = {
    repositories: count,
    rotated,
    seconds: Math.round(seconds * 10) / 10,
    testsPerSecond: Math.round((count / seconds) * 10) / 10,
    base,
    meanwhile,
  };
  console.log(
    `  rotation of ${count} repositories that share a token: ${bulk.seconds} s, ${bulk.testsPerSecond} tests a second, ${rotated} rotated`,
  );
  for (const [when, seen] of Object.entries({ before: base, meanwhile })) {
    console.log(
      `  the API at ${API_PER_SECOND} rotations a second ${when}: p50 ${seen.p50} ms, p99 ${seen.p99} ms; ${seen.requests} requests, unexpected answers: ${seen.unexpected}`,
    );
  }
  return bulk;
}

/** So many repositories with one token, and a few others that are written to over the API. */
async function prepare(latchkey: Latchkey, host: BenchHost, count: number) {
  const organization = await makeOrganization(latchkey.db, "bulk");
  const ring = parseKeyRing(readFileSync(path.join(latchkey.dataDir, "master-keys"), "utf8"));
  const ctx = makeContext(latchkey.db, memberActor(organization), {
    vault: createVault(() => ring),
    upstream: createUpstreamClient(createEgressPolicy([host.host]), readFileSync(host.caFile, "utf8")),
  });
  const upstream = { provider: "gitlab", host: host.host, owner: "bench", name: "small" } as const;
  const credential = async (name: string, password: string) => {
    const { id: repository } = await makeRepository(latchkey.db, organization, name, upstream);
    return (await createCredential(ctx, { repository, password })).id;
  };
  const few = pLimit(16);
  const [shared] = await Promise.all(
    Array.from({ length: count }, (_, index) => few(() => credential(`bulk-${index}`, host.token))),
  );
  const others = [];
  for (let n = 0; n < API_CONNECTIONS; n += 1) others.push(await credential(`other-${n}`, `of-its-own-${n}`));
  const key = await makeSigningKey(latchkey.db, organization, "bulk");
  const headers = { authorization: `Bearer ${await key.token()}`, "content-type": "application/json" };
  return { headers, shared: shared!, others };
}

function startApi(latchkey: Latchkey, headers: Record<string, string>, password: string, ids: string[]): RunningLoad {
  const { path: address, method } = operations.rotateCredential;
  return startLoad({
    url: latchkey.url + address,
    method,
    headers,
    connections: API_CONNECTIONS,
    overallRate: API_PER_SECOND,
    setupClient: (client) => client.setBody(JSON.stringify({ id: ids.pop(), password: `${password}-other` })),
  });
}

async function latencyOf(load: RunningLoad): Promise<ApiLatency> {
  const { latency, requests, non2xx, errors } = await load.end();
  return { p50: latency.p50, p99: latency.p99, requests: requests.total, unexpected: non2xx + errors };
}

async function rotateAll(latchkey: Latchkey, headers: Record<string, string>, body: object): Promise<string> {
  const { path: address, method } = operations.rotateMatching;
  const answer = await fetch(latchkey.url + address, { method, headers, body: JSON.stringify(body) });
  if (answer.status !== 202) throw new Error(`The rotation was answered ${answer.status}.`);
  return ((await answer.json()) as { id: string }).id;
}
