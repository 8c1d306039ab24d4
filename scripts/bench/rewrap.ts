import { spawn } from "node:child_process";
import { randomBytes } from "node:crypto";
import { readFileSync } from "node:fs";
import path from "node:path";
import autocannon from "autocannon";
import { operations } from "@/lib/contract/operations";
import { parseKeyRing } from "@/lib/domain/vault/key-ring";
import { makeOrganization, makeSealedCredentials, makeSigningKey } from "@/prisma/factories";
import type { Latchkey } from "../start-latchkey";

const SECRETS = 100_000;
const ORGANIZATIONS = 50;
const CONNECTIONS = 16;
/** Rotations a second: many times what an installation of this size sees, and less than the machine can do. */
const RATE = 60;
/** What it may take, and how many times its base the API's p99 may be meanwhile. */
const LONGEST_SECONDS = 300;
const MOST = 2;

interface Tenant {
  token: string;
  credentials: { id: string }[];
}

/**
 * All secrets are rewrapped while the API is asked as before: how long it took, and what the API made of it. Sets the exit
 * code where that is more than it may be.
 */
export async function benchRewrap({ url, db, dataDir }: Latchkey): Promise<void> {
  const ring = parseKeyRing(readFileSync(path.join(dataDir, "master-keys"), "utf8"));
  console.log(`• Sealing ${SECRETS} credentials of ${ORGANIZATIONS} organizations …`);
  const tenants: Tenant[] = [];
  for (let number = 0; number < ORGANIZATIONS; number += 1) {
    const organization = await makeOrganization(db, `bench-rewrap-${number}`);
    const token = await (await makeSigningKey(db, organization)).token();
    const credentials = await makeSealedCredentials(db, organization, ring, SECRETS / ORGANIZATIONS);
    tenants.push({ token, credentials });
  }
  await db.$executeRawUnsafe("VACUUM ANALYZE");
  const load = (seconds: number) => {
    const answered = { other: 0 };
    const options: autocannon.Options = {
      url: url + operations.rotateCredential.path,
      connections: CONNECTIONS,
      overallRate: RATE,
      duration: seconds,
      requests: [
        {
          method: "PUT",
          setupRequest: (request) => ({ ...request, ...rotation(tenants) }),
          onResponse: (status) => {
            if (status !== 200) answered.other += 1;
          },
        },
      ],
    };
    let instance: autocannon.Instance | undefined;
    const result = new Promise<autocannon.Result>((resolve, reject) => {
      instance = autocannon(options, (error, done) => (error ? reject(error as Error) : resolve(done)));
    });
    return { answered, result, stop: () => (instance as unknown as { stop(): void }).stop() };
  };
  await load(5).result;
  const base = await load(30).result;
  await keys(dataDir, "add");
  const during = load(600);
  const started = performance.now();
  await keys(dataDir, "rewrap");
  const seconds = (performance.now() - started) / 1000;
  during.stop();
  const result = await during.result;
  const left = await db.credentialSecret.count({ where: { masterKeyId: { in: ring.all.map(({ id }) => id) } } });
  console.table([
    { what: "rotate, before", "req/s": base.requests.average, "p50 ms": base.latency.p50, "p99 ms": base.latency.p99 },
    {
      what: "rotate, meanwhile",
      "req/s": result.requests.average,
      "p50 ms": result.latency.p50,
      "p99 ms": result.latency.p99,
      unexpected: during.answered.other,
    },
  ]);
  const ratio = result.latency.p99 / base.latency.p99;
  const met = seconds <= LONGEST_SECONDS && ratio <= MOST && left === 0 && during.answered.other === 0;
  console.log(
    `${SECRETS} secrets rewrapped in ${Math.round(seconds)} s, ${left} left; p99 ${ratio.toFixed(2)} times its base. At most ${LONGEST_SECONDS} s and ${MOST} times, none left, nothing unexpected: ${met ? "met" : "NOT MET"}`,
  );
  if (!met) process.exitCode = 1;
}

/** One secret of somebody's, changed by them. */
function rotation(tenants: readonly Tenant[]): { headers: Record<string, string>; body: string } {
  const { token, credentials } = any(tenants);
  const body = { id: any(credentials).id, password: randomBytes(20).toString("hex") };
  return {
    headers: { authorization: `Bearer ${token}`, "content-type": "application/json" },
    body: JSON.stringify(body),
  };
}

function any<T>(of: readonly T[]): T {
  return of[Math.floor(Math.random() * of.length)]!;
}

function keys(dataDir: string, command: string): Promise<void> {
  const child = spawn(process.execPath, ["--import", "tsx", "scripts/keys.ts", command], {
    env: { PATH: process.env.PATH, NODE_ENV: "production", LATCHKEY_DATA_DIR: dataDir },
    stdio: ["ignore", "ignore", "inherit"],
  });
  return new Promise((resolve, reject) => {
    child.once("exit", (code) => (code === 0 ? resolve() : reject(new Error(`keys ${command} ended with ${code}.`))));
  });
}
