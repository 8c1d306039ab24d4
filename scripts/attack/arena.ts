import { randomBytes } from "node:crypto";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import os from "node:os";
import path from "node:path";
import {
  makeOrganization,
  makeRepository,
  makeSigningKey,
  type MadeKey,
  type MadeOrganization,
} from "@/prisma/factories";
import { startGitHost, type GitHost } from "../git-host/start-git-host";
import { survivors } from "../processes";
import { startLatchkey, type Latchkey } from "../start-latchkey";
import { ask, summary } from "./ask";
import { startHostileHost, type HostileHost } from "./hostile-host";
import { signalAll } from "./processes";

/** Where the attacks take place: one running Latchkey, what it may reach, and what it may not. */
export interface Arena {
  latchkey: Latchkey;
  db: Latchkey["db"];
  url: string;
  authSecret: string;
  gitHost: GitHost;
  hostile: HostileHost;
  /** A server that Latchkey is not allowed to reach; it listens all the same. */
  forbidden: HostileHost;
  /** Starts a Latchkey of an attack's own, which reaches the same hosts and is as loud. */
  startOther: typeof startLatchkey;
  /** All of those, stopped or not, whose output and files are still to be searched. */
  others: Latchkey[];
  /** A folder that is removed at the end; all data is below it. */
  folder: string;
  /** Answers how many processes had to be killed, since they had not ended by themselves. */
  stop(): Promise<number>;
}

/** Starts it, at the loudest log level, the database's own log too. */
export async function startArena(): Promise<Arena> {
  const folder = mkdtempSync(path.join(os.tmpdir(), "latchkey-attack-"));
  // Interrupted, it leaves nothing behind either.
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      signalAll(survivors(folder), "SIGKILL");
      // What was killed may end in the midst of a write.
      rmSync(folder, { recursive: true, force: true, maxRetries: 10, retryDelay: 200 });
      process.exit(1);
    });
  }
  const gitHost = await startGitHost("Gitea");
  gitHost.addRepository("acme/app");
  const hostile = await startHostileHost(folder, "hostile");
  const forbidden = await startHostileHost(folder, "forbidden");
  const caFile = path.join(folder, "authorities.pem");
  writeAuthorities(caFile, [gitHost, hostile, forbidden]);
  const authSecret = randomBytes(32).toString("hex");
  const variables = {
    AUTH_SECRET: authSecret,
    LATCHKEY_EGRESS_ALLOW: `${gitHost.host},${hostile.host}`,
    LATCHKEY_UPSTREAM_CA_FILE: caFile,
    LOG_LEVEL: "trace",
  };
  const latchkey = await startLatchkey({ LATCHKEY_DATA_DIR: path.join(folder, "data"), ...variables });
  const others: Latchkey[] = [];
  const startOther: typeof startLatchkey = async (own, ...where) => {
    const other = await startLatchkey({ ...variables, ...own }, ...where);
    others.push(other);
    return other;
  };
  const { db, url } = latchkey;
  await db.$executeRawUnsafe("ALTER SYSTEM SET log_statement = 'all'");
  await db.$executeRawUnsafe("ALTER SYSTEM SET log_parameter_max_length = -1");
  await db.$executeRawUnsafe("SELECT pg_reload_conf()");
  return {
    ...{ latchkey, db, url, authSecret, gitHost, hostile, forbidden, startOther, others, folder },
    stop: async () => {
      await latchkey.stop();
      for (const host of [gitHost, hostile, forbidden]) await host.stop();
      const left = survivors(folder);
      signalAll(left, "SIGKILL");
      rmSync(folder, { recursive: true, force: true });
      return left.length;
    },
  };
}

/** Puts the authorities of these hosts into one file, for a Latchkey that is to reach them. */
export function writeAuthorities(file: string, hosts: readonly { caFile: string }[]): void {
  writeFileSync(file, hosts.map(({ caFile }) => readFileSync(caFile, "utf8")).join("\n"));
}

/** An organization of an attack's own, with a key whose tokens are good. */
export async function makeVictim(db: Latchkey["db"]): Promise<MadeOrganization & { key: MadeKey; token: string }> {
  const organization = await makeOrganization(db, `org-${randomBytes(5).toString("hex")}`);
  const key = await makeSigningKey(db, organization);
  return { ...organization, key, token: await key.token({ sub: organization.slug }) };
}

/** A repository on the given host, with a credential stored by the API. */
export async function storeCredential(
  { url, db }: { url: string; db: Latchkey["db"] },
  victim: MadeOrganization & { token: string },
  {
    name,
    host,
    owner = "acme",
    upstream = "app",
    password,
  }: {
    name: string;
    host: string;
    owner?: string;
    upstream?: string;
    password: string;
  },
): Promise<{ repo: string; name: string; id: string }> {
  const made = await makeRepository(db, victim, name, { provider: "gitea", host, owner, name: upstream });
  const answer = await ask(url, {
    method: "POST",
    path: "/api/v1/repos/git-credentials",
    token: victim.token,
    body: { repo_id: made.id, username: "git", password },
  });
  if (answer.status !== 201) throw new Error(`The credential was not stored: ${answer.status} ${answer.text}`);
  const { id } = JSON.parse(answer.text) as { id: string };
  return { repo: made.id, name, id };
}

/** Tests a stored credential by the API: its outcome, or status and code of the refusal. */
export async function testStored(url: string, token: string, { repo, id }: { repo: string; id: string }) {
  const path_ = `/api/repos/${repo}/git-credentials/${id}/test`;
  return ask(url, { method: "POST", path: path_, token });
}

/** Asks for a pull by the API: its status, or status and code of the refusal. */
export async function askForPull(url: string, token: string, repo: string): Promise<string> {
  return summary(await ask(url, { method: "POST", path: `/api/repos/${repo}/pull-upstream`, token, body: {} }));
}
